"""What a process hears of changed lots: from Redis itself, through a line that can freeze and break."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
import redis

from common.changes import channel
from parking.streaming import change_listener
from parking.streaming.change_listener import ChangeListener
from tests.streams.loops import run_in_a_thread

SOON = 5.0


class Line:
    """A line to Redis on which nothing goes while it is frozen."""

    def __init__(self, path: str) -> None:
        self._path = path
        self.flows = asyncio.Event()
        self.flows.set()
        self._writers: list[asyncio.StreamWriter] = []

    async def opened(self) -> int:
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    def cut(self) -> None:
        for writer in self._writers:
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        redis_reader, redis_writer = await asyncio.open_unix_connection(self._path)
        self._writers += [writer, redis_writer]
        await asyncio.gather(self._copy(reader, redis_writer), self._copy(redis_reader, writer))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(4096):
                await self.flows.wait()
                writer.write(data)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(SOON):
        while not is_so():  # noqa: ASYNC110 what is waited for is in another process
            await asyncio.sleep(0.01)


def test_changes_are_heard_and_a_frozen_or_broken_line_is_noticed(settings, monkeypatch):
    monkeypatch.setattr(change_listener, "PING_SECONDS", 0.2)
    monkeypatch.setattr(change_listener, "AGAIN_SECONDS", 0.05)
    heard: list[str] = []
    states: list[bool] = []

    async def scene() -> None:
        line = Line(urlsplit(settings.REDIS_URL).path)
        settings.REDIS_URL = f"redis://127.0.0.1:{await line.opened()}/0"
        listening = asyncio.create_task(ChangeListener(changed=heard.extend, hears=states.append).listen())
        await until(lambda: states[-1:] == [True])
        line.flows.clear()
        await until(lambda: states[-1] is False)
        line.flows.set()
        await until(lambda: states[-1] is True)
        line.cut()
        await until(lambda: states[-1] is False)
        await until(lambda: states[-1] is True)
        await asyncio.to_thread(straight.publish, channel(), "[987654, 987655]")
        await until(lambda: "lot:987655" in heard)
        listening.cancel()

    straight = redis.Redis.from_url(settings.REDIS_URL)
    run_in_a_thread(scene())
    straight.close()
    assert {"counts:987654", "lot:987654", "counts:987655"} <= set(heard)


@pytest.mark.parametrize("data", ["", "x", "{}", "null", "7", '["x"]', b"\xff", "[[1]]"])
def test_what_is_not_understood_is_passed_over(data):
    heard: list[str] = []
    ChangeListener(changed=heard.extend, hears=lambda _is_live: None)._note(data)
    assert heard == []
