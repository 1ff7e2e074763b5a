"""How long data is kept, and how people are forgotten."""

from retention.services.clocks import end_clocks
from retention.services.erasure import AccountNeededError, delete_account, what_keeps_account

__all__ = ["AccountNeededError", "delete_account", "end_clocks", "what_keeps_account"]
