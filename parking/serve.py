"""The web server: `python -m parking.serve` with granian's options and two more; it forks its workers.

Everything is imported once, so workers share most of their memory, and one that died is replaced without imports. With
as many workers as cores, each is pinned to a core.
"""

import argparse
import gc
import re
import resource
import sys
from importlib import import_module
from wsgiref.types import WSGIApplication

from django.conf import settings
from django.urls import get_resolver
from granian.cli import entrypoint

import parking.wsgi  # noqa: F401 sets Django up
from billing.providers.waiting_places import share_threads
from common.web.rate_limits import share_tries
from parking import front
from parking.cores import give_forks_a_core_each, usable_cores
from parking.gate_guard import GateGuard
from parking.streaming.relay import Relay
from parking.streaming.stream_hub import StreamLimits, Streams

BODY_SECONDS = 15.0
UPLOADS = re.compile(r"/manage/lots/[-\w]+/entrance/", re.ASCII)
LARGEST_UPLOAD = 5_100_000
"""A picture with the rest of its form."""
MOST_CONNECTIONS = 2048
"""For each worker. An idle connection costs some memory and a file descriptor, but no thread."""
FILES_OF_ONE = 2
"""A stream that is passed on has a connection on both sides."""
OTHER_FILES = 256
# Proxies and devices speak HTTP/1.1; offering more only widens the attack surface.
ALWAYS = ["--interface", "rsgi", "--http", "1", "--no-ws"]


def main() -> None:
    """Import what requests need, exempt it from garbage collection, and start granian. No connections are open yet."""
    ours, granians = _options().parse_known_args()
    *granians, served = granians
    front.served = _front(served, threads=ours.threads, body_seconds=ours.body_seconds)
    share_threads(ours.threads)
    share_tries(ours.workers * settings.WEB_MACHINES)
    most = _most_connections()
    sys.argv[1:] = [
        *ALWAYS,
        "--backpressure",
        str(most),
        "--workers",
        str(ours.workers),
        *granians,
        "parking.front:served",
    ]
    assert get_resolver().url_patterns  # noqa: S101 the first request would import them
    _allow_files(FILES_OF_ONE * most + OTHER_FILES)
    gc.collect()
    gc.freeze()
    if ours.workers >= len(usable_cores()):
        give_forks_a_core_each()
    entrypoint()  # type: ignore[no-untyped-call]


def _options() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    options.add_argument("--workers", type=int, default=1)
    options.add_argument("--threads", type=int, default=1, help="how many requests a worker answers at once")
    options.add_argument("--body-seconds", type=float, default=BODY_SECONDS, help="by when a body must have arrived")
    return options


def _front(served: str, *, threads: int, body_seconds: float) -> front.Front:
    module, _, name = served.partition(":")
    wsgi: WSGIApplication = getattr(import_module(module), name)
    return front.Front(
        wsgi,
        GateGuard(),
        front.Capacity(threads, body_seconds, _largest_body),
        streams=_streams() if settings.SERVES == "streams" else None,
        relay=Relay(settings.STREAM_URL) if settings.SERVES == "everything" and settings.STREAM_URL else None,
    )


def _streams() -> Streams:
    limits = settings.STREAMS_AT_ONCE, settings.STREAMS_PER_PERSON, settings.STREAMS_PER_ADDRESS
    return Streams(StreamLimits(*limits))


def _most_connections() -> int:
    """Return how many connections a worker holds; more streams are refused with an answer, not by silence."""
    return MOST_CONNECTIONS + (settings.STREAMS_AT_ONCE if settings.SERVES == "streams" else 0)


def _largest_body(path: str) -> int:
    """Return how many bytes are taken in for a path: more where a picture is uploaded."""
    return LARGEST_UPLOAD if UPLOADS.fullmatch(path) else settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def _allow_files(wanted: int) -> None:
    """Raise the limit of open files of this process and its workers as far as the system allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


if __name__ == "__main__":
    main()
