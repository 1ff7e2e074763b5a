"""What navigation reads: the public lots with their free places, in the formats of others."""
