"""The pages on which an operator's admins make and change places."""
