"""Measurements of the running product; `README.md` beside this explains them."""
