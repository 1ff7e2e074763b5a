"""Event loops of a test's own: the browser that other tests drive leaves one in the main thread."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor


def run_in_a_thread(
    scene: Coroutine[None, None, None], loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None
) -> None:
    """Run a scene to its end in a thread of its own, and raise what it raises."""

    def run() -> None:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            runner.run(scene)

    with ThreadPoolExecutor(1) as threads:
        threads.submit(run).result()
