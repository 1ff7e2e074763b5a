"""Replays recorded days of real facilities through the gate endpoint and reconciles the result."""
