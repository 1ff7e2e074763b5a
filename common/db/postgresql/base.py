"""The backend that settings name; everything but the connection's class is Django's."""

import time
from typing import Any, Self, TypeVar

import psycopg
from django.db.backends.postgresql import base
from django.db.backends.postgresql.psycopg_any import IsolationLevel
from psycopg import errors
from psycopg.abc import PQGen, PQGenConn
from psycopg.errors import _WaitTimeout as WaitTimeout

from common.db.postgresql.greeting import answers_greeting
from common.db.postgresql.patience import CONNECT_SECONDS, PROBE_SECONDS, SILENT_SECONDS, Patience, breaker, remaining

CHECK_SECONDS = 0.1
# For whoever has no such patience, a worker say: a server whose machine vanished is noticed within half a minute.
# On unix sockets they mean nothing. In seconds, but the last, which is in milliseconds (libpq's names).
VANISHED = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
# Prepared statements are those of `common.db.flush`, planned once for every car. Left to itself PostgreSQL plans them
# again each time the larger a table is, which takes longer than executing them.
PLANNED_ONCE = "-c plan_cache_mode=force_generic_plan"
RV = TypeVar("RV")


class PatientConnection(psycopg.Connection[Any]):
    """A connection that gives up, inside a request, when the server is frozen or the request's patience is used up.

    It is closed then with an OperationalError. What was sent may yet be carried out, a commit too: whoever asked has
    to send the same request again.
    """

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> PQGenConn[Self]:
        # The public timeout of a connection attempt is two seconds at least, as in libpq.
        attempt = super()._connect_gen(conninfo)
        if remaining() is None:
            return (yield from attempt)
        if breaker.is_open:
            raise errors.ConnectionTimeout("PostgreSQL does not answer and is left alone for a moment")
        deadline = time.monotonic() + CONNECT_SECONDS
        try:
            waiting_for = next(attempt)
            while True:
                ready = yield waiting_for
                if not ready and time.monotonic() > deadline:
                    breaker.trip()
                    raise errors.ConnectionTimeout("PostgreSQL did not take the connection in time")
                waiting_for = attempt.send(ready)
        except StopIteration as done:
            connection: Self = done.value
            return connection

    def wait(self, gen: PQGen[RV], interval: float = CHECK_SECONDS, timeout: float | None = None) -> RV:
        """Wait for an answer as psycopg does, but not for a frozen server and no longer than patience lasts."""
        patience = remaining()
        if patience is None or timeout is not None:
            return super().wait(gen, interval, timeout)
        began = time.monotonic()
        try:
            return self._wait_for_living(gen, interval, patience)
        except WaitTimeout:
            self.pgconn.finish()
            raise psycopg.OperationalError("PostgreSQL did not answer in time") from None
        finally:
            patience.seconds -= time.monotonic() - began

    def _wait_for_living(self, gen: PQGen[RV], interval: float, patience: Patience) -> RV:
        try:
            return super().wait(gen, interval, min(SILENT_SECONDS, max(0.0, patience.seconds)))
        except WaitTimeout:
            # Slow, or frozen? A slow one greets newcomers, and then goes on with what it was asked.
            if not answers_greeting(self.info.host, self.info.port, seconds=PROBE_SECONDS):
                breaker.trip()
                raise
        return super().wait(gen, interval, max(0.0, patience.seconds - SILENT_SECONDS))


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's, with patient connections; a pool and another isolation level are not for it."""

    def get_connection_params(self) -> dict[str, Any]:
        """Return Django's parameters with ours; what the address says counts before them."""
        parameters = VANISHED | super().get_connection_params()
        return parameters | {"options": f"{PLANNED_ONCE} {parameters.get('options', '')}".strip()}

    def get_new_connection(self, conn_params: dict[str, Any]) -> PatientConnection:
        """Connect once."""
        self.isolation_level = IsolationLevel.READ_COMMITTED
        return PatientConnection.connect(**conn_params)
