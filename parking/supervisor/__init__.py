"""Runs the processes of a machine, restarts those that die, and stops all in order."""
