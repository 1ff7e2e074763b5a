"""The pages for API keys of operators' programs."""
