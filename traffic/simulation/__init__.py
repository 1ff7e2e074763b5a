"""Cars that arrive, stay and leave through the real HTTP gate endpoint, and a reckoning of what became of them."""
