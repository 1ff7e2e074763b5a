"""The attendant's desk: find the car, take the money, open the gate."""
