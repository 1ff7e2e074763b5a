"""A stream in Redis. Each batch is one transaction of Redis, so it is there as a whole or not at all."""

import json
from collections.abc import Collection, Sequence
from typing import Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from events.stream_address import StreamAddress
from events.streams.stream_server import StreamAwayError, StreamEntry

SECONDS = 2.0
LOOKED_AT = 500


class RedisStream:
    """Entries have the fields `operator`, `lot` and `event`."""

    def __init__(self, address: StreamAddress, length: int) -> None:
        self._name, self._length = address.name, length
        patience: dict[str, Any] = {"socket_connect_timeout": SECONDS, "socket_timeout": SECONDS}
        self._redis = Redis.from_url(address.server, **patience, retry=Retry(NoBackoff(), 0))

    def send(self, entries: Sequence[StreamEntry]) -> str:
        """Append entries and return the id of the last one."""
        try:
            with self._redis.pipeline(transaction=True) as batch:
                for entry in entries:
                    fields: dict[Any, Any] = {"operator": entry.operator, "lot": entry.lot, "event": entry.body}
                    batch.xadd(self._name, fields, maxlen=self._length or None, approximate=True)
                return str(batch.execute()[-1].decode())
        except RedisError as error:
            raise StreamAwayError(str(error)) from error

    def lost_after(self, mark: str, operators: Collection[str]) -> dict[str, int] | None:
        """Compare the stream's last id with a mark: a Redis that was restarted may have forgotten entries."""
        try:
            if _parts(self._last_id()) >= _parts(mark):
                return None
            return self._last_numbers(set(operators))
        except RedisError as error:
            raise StreamAwayError(str(error)) from error

    def _last_id(self) -> str:
        try:
            information: Any = self._redis.xinfo_stream(self._name)
        except ResponseError as error:
            if "no such key" in str(error):
                return "0-0"
            raise
        return str(information["last-generated-id"].decode())

    def _last_numbers(self, operators: set[str]) -> dict[str, int]:
        found, until = dict.fromkeys(operators, 0), "+"
        while operators:
            entries: Any = self._redis.xrevrange(self._name, max=until, count=LOOKED_AT)
            for key, fields in entries:
                operator, until = fields[b"operator"].decode(), f"({key.decode()}"
                if operator in operators:
                    operators.remove(operator)
                    found[operator] = _number_of(fields[b"event"])
            if len(entries) < LOOKED_AT:
                break
        return found

    def close(self) -> None:
        """Close the connections."""
        self._redis.close()


def _number_of(body: bytes) -> int:
    return int(json.loads(body)["id"])


def _parts(entry_id: str) -> tuple[int, int]:
    milliseconds, _, place = entry_id.partition("-")
    return int(milliseconds or 0), int(place or 0)
