"""A topic of Kafka, by an idempotent producer: within its life nothing is doubled, and nothing passes what came before.

What is not confirmed in time is given up as a whole and the producer with it. No message of its own ever expires, as
those after it could still be sent: so of each lot the topic has what was given first.
"""

from collections.abc import Collection, Sequence
from contextlib import suppress
from time import monotonic
from typing import Any

from events.stream_address import StreamAddress
from events.streams.stream_server import StreamAwayError, StreamEntry

SECONDS = 5.0
"""How long a batch may take; what comes late is sent again."""
_POLLED = 0.1


class KafkaTopic:
    """Messages have the lot as their key, and headers that name the operator and the event."""

    def __init__(self, address: StreamAddress) -> None:
        from confluent_kafka import Producer

        self._topic, self._error = address.name, ""
        self._producer: Any = Producer(
            dict(address.options)
            | {
                "bootstrap.servers": address.server,
                "client.id": "parking-events",
                "enable.idempotence": True,
                "enable.gapless.guarantee": True,
                "message.timeout.ms": 0,
                "partitioner": "murmur2_random",
                "linger.ms": 5,
                "socket.timeout.ms": int(SECONDS * 1000),
                # What goes wrong is said by the errors; its log would go past ours.
                "log_level": 0,
                "error_cb": self._note,
            }
        )

    def send(self, entries: Sequence[StreamEntry]) -> str:
        """Send messages and wait until all in-sync replicas have them; a topic needs no mark."""
        from confluent_kafka import KafkaException

        confirmed: list[bool] = []
        try:
            for entry in entries:
                self._producer.produce(
                    self._topic,
                    entry.body,
                    entry.key,
                    headers={"operator": entry.operator, "id": str(entry.number)},
                    on_delivery=lambda error, _message: confirmed.append(self._is_confirmed(error)),
                )
            until = monotonic() + SECONDS
            while len(confirmed) < len(entries) and all(confirmed) and monotonic() < until:
                self._producer.poll(_POLLED)
        except (KafkaException, BufferError) as error:
            self._give_up()
            raise StreamAwayError(str(error)) from error
        if len(confirmed) < len(entries) or not all(confirmed):
            self._give_up()
            raise StreamAwayError(self._error or "no answer in time")
        self._error = ""
        return ""

    def lost_after(self, mark: str, operators: Collection[str]) -> None:
        """Return None: what a topic has confirmed, its replicas keep."""

    def close(self) -> None:
        """Let go of the producer."""
        self._give_up()

    def _give_up(self) -> None:
        from confluent_kafka import KafkaException

        self._producer.purge()
        # A producer that was purged while it sent says that it can't go on. Nobody asks it to.
        with suppress(KafkaException):
            self._producer.poll(0)

    def _is_confirmed(self, error: Any) -> bool:
        if error is not None:
            self._note(error)
        return error is None

    def _note(self, error: Any) -> None:
        self._error = str(error)
