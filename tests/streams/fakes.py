"""A server's side of a connection without one: what was sent, and a client that goes away."""

import asyncio
import json
from typing import Any

from common.web.streams import Followed
from lots.boards import Count, LevelCounts, LotCounts
from lots.compatibility import SpotType
from parking.streaming.stream_hub import StreamLimits, Streams

NO_LIMITS = StreamLimits(0, 0, 0)


class Client:
    """A connection as granian gives it, and what its client got."""

    def __init__(self) -> None:
        self.status = 0
        self.got = ""
        self.gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def response_stream(self, status: int, _headers: list[tuple[str, str]]) -> "Client":
        self.status = status
        return self

    def response_empty(self, status: int, _headers: list[tuple[str, str]]) -> None:
        self.status = status

    def client_disconnect(self) -> asyncio.Future[None]:
        return self.gone

    async def send_str(self, text: str) -> None:
        self.got += text

    @property
    def events(self) -> list[tuple[str, Any]]:
        """Return the names and data of the events that came."""
        lines = [block.split("\n") for block in self.got.split("\n\n") if block]
        told = [{part.partition(": ")[0]: part.partition(": ")[2] for part in block} for block in lines]
        return [(one["event"], one["data"] if one["event"] == "beat" else json.loads(one["data"])) for one in told]

    def named(self, name: str) -> list[Any]:
        return [data for kind, data in self.events if kind == name]

    @property
    def last_id(self) -> str:
        return self.got.rpartition("id: ")[2].partition("\n")[0]


class Hub:
    """The streams of one process, the free spots of its lots, and its clients."""

    def __init__(self, limits: StreamLimits = NO_LIMITS) -> None:
        self.streams = Streams(limits)
        self.free: dict[int, int] = {}
        self.asked = 0
        self.may: Followed | Exception | None = None
        self.serving: list[asyncio.Task[None]] = []

    async def begin(self) -> None:
        self.streams.begin(asyncio.get_running_loop(), in_thread=self._in_thread, check=self._check)
        await asyncio.sleep(0)

    async def _in_thread(self, _work: Any) -> Any:
        self.asked += 1
        await asyncio.sleep(0)
        return {key: (f"lot-{key}", counts(free)) for key, free in self.free.items()}

    async def _check(self, _environ: Any) -> Followed | None:
        if isinstance(self.may, Exception):
            raise self.may
        return self.may

    def follow(self, *topics: str, who: str = "address:1.1.1.1", last: str | None = None) -> Client:
        client = Client()
        environ = {} if last is None else {"HTTP_LAST_EVENT_ID": last}
        serving = self.streams.serve(Followed(topics, who), environ, client)
        self.serving.append(asyncio.get_running_loop().create_task(serving))
        return client

    async def settle(self, turns: int = 20) -> None:
        """Let everything happen that can without time going on."""
        for _ in range(turns):
            await asyncio.sleep(0)


def counts(free: int) -> LotCounts:
    count = Count(total=9, free=free)
    level = LevelCounts(0, "Ground", {"regular": count})
    return LotCounts(all=count, levels=(level,), kinds=(SpotType.REGULAR,))
