"""Runs the processes of one box, restarts what dies, and stops everything in order."""
