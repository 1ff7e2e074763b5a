"""Simulates cars through the HTTP gate endpoint and reconciles what was recorded of them."""
