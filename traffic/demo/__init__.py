"""The demo site: one operator, three different lots, people, a day of history, and a sample of ten weeks before.

The history is written in bulk, unlike everything else: services record one act at the time when it happens.
"""

from traffic.demo.loading import load_demo

__all__ = ["load_demo"]
