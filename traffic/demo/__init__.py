"""The demo site: one operator, three different lots, people, and a day of history."""

from traffic.demo.loading import load_demo

__all__ = ["load_demo"]
