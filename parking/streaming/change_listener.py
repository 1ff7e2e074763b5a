"""Listens to what Redis tells about changed lots."""

import asyncio
import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import structlog
from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from common.changes import channel
from common.web.streams import COUNTS, LOT, topic

PING_SECONDS = 3.0
"""So often Redis is asked whether it still answers; one that is silent for twice as long is away."""
AGAIN_SECONDS = 1.0

logger = structlog.get_logger(__name__)


class ChangeListener:
    """Passes changed lots on as topics, and says whether changes are heard of at all."""

    def __init__(self, *, changed: Callable[[Iterable[str]], None], hears: Callable[[bool], None]) -> None:
        self._changed, self._hears = changed, hears

    async def listen(self) -> None:
        """Listen until cancelled; while Redis is away, try again and again."""
        while True:
            with suppress(RedisError, OSError, asyncio.TimeoutError):
                await self._listen_once()
            self._hears(False)
            await asyncio.sleep(AGAIN_SECONDS)

    async def _listen_once(self) -> None:
        client = Redis.from_url(settings.REDIS_URL, socket_connect_timeout=PING_SECONDS, retry=Retry(NoBackoff(), 0))
        async with client, client.pubsub() as listening:
            async with asyncio.timeout(2 * PING_SECONDS):
                await listening.subscribe(channel())
            while True:
                message = await self._heard(listening)
                if message["type"] == "message":
                    self._note(message["data"])
                else:
                    self._hears(True)

    async def _heard(self, listening: PubSub) -> dict[str, Any]:
        """Return the next message. Raises TimeoutError when Redis does not even answer a ping."""
        message: dict[str, Any] | None = await listening.get_message(timeout=PING_SECONDS)
        if message is None:
            await listening.ping()
            message = await listening.get_message(timeout=PING_SECONDS)
        if message is None:
            raise TimeoutError
        return message

    def _note(self, data: bytes | str) -> None:
        try:
            lots = [int(lot) for lot in json.loads(data)]
        except (ValueError, TypeError):
            logger.warning("change_not_understood")
            return
        self._changed(topic(kind, lot) for lot in lots for kind in (COUNTS, LOT))
