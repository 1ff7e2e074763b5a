"""PostgreSQL and Redis from Python wheels: real servers without installing any.

They listen only on unix sockets in a private folder, so they need no port and no password. Their addresses depend on
the data folder alone, so settings know them before anything runs.
"""

from parking.embedded.errors import EmbeddedServerError
from parking.embedded.layout import Layout
from parking.embedded.sharing import servers

__all__ = ["EmbeddedServerError", "Layout", "servers"]
