"""The demo site: one operator, three different lots, people, and a day of history.

The history is written in bulk, unlike everything else: services record one act at the time when it happens.
"""

from traffic.demo.loading import load_demo

__all__ = ["load_demo"]
