"""The backend named in the settings; only the connection's class differs from Django's."""

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
# For processes without patience, such as workers: a server whose machine vanished is noticed within half a minute.
# Unix sockets ignore them. In seconds, except the last, which is in milliseconds (libpq's names).
VANISHED = {
    "connect_timeout": 10,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 25_000,
}
# The prepared statements of `common.db.flush` are planned once per connection. By default PostgreSQL plans them again
# on each execution for large tables, which takes longer than executing them.
PLANNED_ONCE = "-c plan_cache_mode=force_generic_plan"
RV = TypeVar("RV")


class PatientConnection(psycopg.Connection[Any]):
    """A connection that gives up, inside a request, when the server is frozen or the request's patience is used up.

    It is then closed with an OperationalError. A statement or commit already sent may still take effect; the client
    has to send the same request again.
    """

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> PQGenConn[Self]:
        # The public connection timeout has a minimum of two seconds, as in libpq.
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
        """Wait for an answer as psycopg does, but not for a frozen server and not beyond the request's patience."""
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
            # Slow or frozen? A slow server still greets new connections.
            if not answers_greeting(self.info.host, self.info.port, seconds=PROBE_SECONDS):
                breaker.trip()
                raise
        return super().wait(gen, interval, max(0.0, patience.seconds - SILENT_SECONDS))


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's backend with patient connections; it supports no pool and no other isolation level."""

    def get_connection_params(self) -> dict[str, Any]:
        """Return Django's parameters with ours; those in the database URL win."""
        parameters = VANISHED | super().get_connection_params()
        return parameters | {"options": f"{PLANNED_ONCE} {parameters.get('options', '')}".strip()}

    def get_new_connection(self, conn_params: dict[str, Any]) -> PatientConnection:
        """Connect once."""
        self.isolation_level = IsolationLevel.READ_COMMITTED
        return PatientConnection.connect(**conn_params)
