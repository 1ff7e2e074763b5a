"""Simulates a week of bookings: every promise is kept or its breach is explained, and costs what was shown."""
