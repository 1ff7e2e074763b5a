"""What the pages of operators say in words."""
