"""The pages on which an operator's admins look at places and the stays in them."""
