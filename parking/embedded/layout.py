"""The folders and addresses of the embedded servers."""

import hashlib
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

DATABASE = "parking"
ROLE = "parking"

# The kernel's sun_path holds 107 bytes and a NUL; PostgreSQL first binds "<socket>.lock" beside ".s.PGSQL.5432".
LONGEST_SOCKET_PATH = 107 - len("/.s.PGSQL.5432.lock")


def digest_of(data: Path) -> str:
    """Return a short name that identifies a data folder in the temporary folder."""
    return hashlib.sha256(str(data).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Layout:
    """The folders below one data folder. `data` is absolute."""

    data: Path

    @property
    def servers(self) -> Path:
        """Return the servers' folder, which may be a link to one that their own user can reach."""
        return self.data / "servers"

    @property
    def postgres(self) -> Path:
        return self.servers / "postgres"

    @property
    def redis(self) -> Path:
        return self.servers / "redis"

    @property
    def logs(self) -> Path:
        return self.data / "log"

    @cached_property
    def sockets(self) -> Path:
        """Return the sockets' folder: in the data folder, or in the temporary folder when that path is too long."""
        inside = self.servers / "run"
        if len(str(inside).encode()) <= LONGEST_SOCKET_PATH:
            return inside
        return Path(tempfile.gettempdir()) / f"parking-{digest_of(self.data)}"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def database_url(self) -> str:
        return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(self.sockets), safe='')}"

    @property
    def redis_url(self) -> str:
        return f"unix://{quote(str(self.redis_socket))}?db=0"
