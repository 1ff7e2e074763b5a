"""The pages on which an operator's admins run gates and their device keys."""
