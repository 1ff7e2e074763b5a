"""The pages for managing lots, levels, zones and spots."""
