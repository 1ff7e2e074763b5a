"""The cashier's shift at the desk: opened, counted blind, closed."""
