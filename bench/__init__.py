"""Measurements of the running product; `bench/README.md` explains them."""
