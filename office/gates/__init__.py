"""The pages for managing gates and their device keys."""
