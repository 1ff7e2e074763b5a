"""Simulates the dirty field: honest cars whose devices err, and fraudsters, reconciled to the car."""
