"""The servers that events are streamed to, behind one interface."""

from events.stream_address import StreamAddress
from events.streams.kafka_topic import KafkaTopic
from events.streams.redis_stream import RedisStream
from events.streams.stream_server import StreamAwayError, StreamEntry, StreamServer

__all__ = ["StreamAwayError", "StreamEntry", "StreamServer", "open_stream"]


def open_stream(address: StreamAddress, *, length: int) -> StreamServer:
    """Return a connection to where a stream leads; a Redis stream keeps about `length` entries."""
    return KafkaTopic(address) if address.kind == "kafka" else RedisStream(address, length)
