"""The operator's bookings: found, moved on the timeline, made for callers, and places closed to them."""
