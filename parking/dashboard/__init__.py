"""The pages and the JSON of those who run lots: what needs them, how it goes, and what they settle."""
