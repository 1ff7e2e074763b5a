"""Recorded days of real facilities, driven through the gate endpoint and held against what was recorded of them."""
