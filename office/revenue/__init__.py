"""Revenue: the figures of the books, what they are made of, and their files."""
