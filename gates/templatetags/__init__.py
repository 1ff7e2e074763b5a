"""Tags of the pages of gates and lots."""
