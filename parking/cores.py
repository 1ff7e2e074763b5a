"""The processor's cores, and who keeps to which.

The threads of a Python process take turns on its interpreter. When the kernel spreads them over the cores, every turn
is a message from one core to another, and whoever waits for it is awake for nothing: with a core of its own each of two
processes answers an eighth more reads, and the slowest hundredth of them a fifth sooner (`bench/README.md`).
"""

import os
from collections import Counter
from multiprocessing import active_children


def usable_cores() -> list[int]:
    """Return the cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def give_forks_a_core_each() -> None:
    """Have every process that multiprocessing forks from here on keep to one core: the one that fewest of them have.

    A process that is forked in the place of one that died gets the core that became free. Does nothing where the
    operating system has no such thing.
    """
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = usable_cores()

    def choose() -> None:
        # The thread that forks goes to the core for a moment, so the fork is there from its first instruction.
        taken = Counter(core for child in active_children() for core in _cores_of(child.pid))
        os.sched_setaffinity(0, {min(cores, key=lambda core: taken[core])})

    os.register_at_fork(before=choose, after_in_parent=lambda: os.sched_setaffinity(0, cores))


def _cores_of(pid: int | None) -> set[int]:
    try:
        return os.sched_getaffinity(pid or 0)
    except ProcessLookupError:  # it has just died
        return set()
