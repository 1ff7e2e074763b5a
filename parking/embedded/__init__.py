"""PostgreSQL and Redis from Python wheels: real servers without installing any.

They listen on unix sockets in a private folder only, so there is no port to be taken and no password to keep. The
addresses follow from the data folder alone, so settings know them before anything runs.
"""

from parking.embedded.errors import EmbeddedServerError
from parking.embedded.layout import Layout
from parking.embedded.sharing import servers

__all__ = ["EmbeddedServerError", "Layout", "servers"]
