"""Webhooks of an operator, and what became of their messages."""
