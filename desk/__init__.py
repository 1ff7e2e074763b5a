"""The attendant's desk: find a stay, take the money, open the gate."""
