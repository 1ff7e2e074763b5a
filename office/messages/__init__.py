"""What the product said on its own: the list, one message, and every template with sample data."""
