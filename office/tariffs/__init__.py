"""The pages for managing tariffs."""
