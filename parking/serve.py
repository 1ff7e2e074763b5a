"""The web processes, `python -m parking.serve` with granian's own options: all is imported once, each worker is forked.

So the workers of a server share most of their memory, and one that died is back without importing anything.
"""

import gc

from django.urls import get_resolver
from granian.cli import entrypoint

import parking.wsgi  # noqa: F401 what the workers answer with


def main() -> None:
    """Import what requests need, keep it from the collector, and let granian serve; nothing is connected yet."""
    assert get_resolver().url_patterns  # noqa: S101 the first request would import them
    gc.collect()
    gc.freeze()
    entrypoint()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
