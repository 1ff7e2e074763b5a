"""The pages on which an operator's admins see and change tariffs."""
