"""Merchants, what they may give, and promo codes."""
