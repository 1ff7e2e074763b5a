"""Tells other processes at once which lots have changed, by Redis, so that pages can show it.

Nothing depends on it: what is told while Redis is away is lost, and pages then ask by themselves. So the caller never
waits, and of a lot that changes many times a second only some changes are told.
"""

import json
import time
from threading import Event, Lock, Thread

import redis
import structlog
from django.conf import settings
from django.db import transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

TOGETHER_SECONDS = 0.1
"""For so long changes are collected, and then told as one."""
REDIS_SECONDS = 0.5
LEAVE_ALONE_SECONDS = 5.0

logger = structlog.get_logger(__name__)


def channel() -> str:
    """Return the name of the channel of this installation; databases of one Redis share their channels."""
    return f"changes:{settings.DATABASES['default']['NAME']}"


class ChangeTeller:
    """Collects the ids of changed lots, and tells them from a thread of its own."""

    def __init__(self) -> None:
        self._changed: set[int] = set()
        self._any = Event()
        self._starting = Lock()
        self._thread: Thread | None = None

    def tell(self, lot_id: int) -> None:
        """Tell soon that a lot has changed. Takes about a microsecond."""
        self._changed.add(lot_id)
        if not self._any.is_set():
            self._any.set()
        if self._thread is None or not self._thread.is_alive():
            self._start()

    def _start(self) -> None:
        """Start the thread, which a fork has not inherited."""
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = Thread(target=self._run, name="changes", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        client = redis.Redis.from_url(
            settings.REDIS_URL,
            socket_connect_timeout=REDIS_SECONDS,
            socket_timeout=REDIS_SECONDS,
            retry=Retry(NoBackoff(), 0),
        )
        while True:
            self._any.wait()
            time.sleep(TOGETHER_SECONDS)
            self._any.clear()
            changed, self._changed = self._changed, set()
            try:
                client.publish(channel(), json.dumps(sorted(changed)))
            except redis.RedisError as error:
                logger.warning("changes_without_redis", error=repr(error))
                time.sleep(LEAVE_ALONE_SECONDS)


_teller = ChangeTeller()


def lot_changed(lot_id: int) -> None:
    """Tell soon that a lot has changed, after its transaction was committed. Takes about a microsecond."""
    _teller.tell(lot_id)


def tell_when_committed(lot_id: int) -> None:
    """Tell that a lot has changed as soon as the transaction is committed."""
    transaction.on_commit(lambda: lot_changed(lot_id), robust=True)
