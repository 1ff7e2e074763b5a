"""The web processes, `python -m parking.serve` with granian's own options: all is imported once, each worker is forked.

So the workers of a server share most of their memory, and one that died is back without importing anything. When there
are as many of them as cores, each has one of its own.
"""

import argparse
import gc

from django.urls import get_resolver
from granian.cli import entrypoint

import parking.wsgi  # noqa: F401 what the workers answer with
from parking.cores import give_forks_a_core_each, usable_cores


def main() -> None:
    """Import what requests need, keep it from the collector, and let granian serve; nothing is connected yet."""
    assert get_resolver().url_patterns  # noqa: S101 the first request would import them
    gc.collect()
    gc.freeze()
    if _workers() >= len(usable_cores()):
        give_forks_a_core_each()
    entrypoint()  # type: ignore[no-untyped-call]


def _workers() -> int:
    """Return how many workers granian will be told to have."""
    options = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    options.add_argument("--workers", type=int, default=1)
    told: int = options.parse_known_args()[0].workers
    return told


if __name__ == "__main__":
    main()
