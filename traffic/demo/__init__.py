"""The demo site: one operator, three lots of different character, people, and a day of history.

What has happened is written in bulk, as nowhere else: services record one act, at the time when it happens.
"""

from traffic.demo.loading import load_demo

__all__ = ["load_demo"]
