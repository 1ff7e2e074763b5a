"""Notes and reasons that people write beside what they do."""

LONGEST_NOTE = 200
"""The longest, in characters: of each column that holds one and of each form that takes one."""
