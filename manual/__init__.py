"""The manual: short chapters for each kind of reader, the page on how the installation is doing."""
