"""Pins processes to processor cores.

The threads of a Python process take turns on its interpreter. When the kernel spreads them over cores, each turn costs
a message between cores and a useless wake-up. With one core each, two processes answer an eighth more reads, and p99 is
a fifth lower (`bench/README.md`).
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
    """Pin every process that multiprocessing forks from now on to the core with the fewest of them.

    The replacement of a process that died gets the freed core. Does nothing where the system can't pin.
    """
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = usable_cores()

    def choose() -> None:
        # The forking thread is pinned for a moment, so that the child starts on the core.
        taken = Counter(core for child in active_children() for core in _cores_of(child.pid))
        os.sched_setaffinity(0, {min(cores, key=lambda core: taken[core])})

    os.register_at_fork(before=choose, after_in_parent=lambda: os.sched_setaffinity(0, cores))


def _cores_of(pid: int | None) -> set[int]:
    try:
        return os.sched_getaffinity(pid or 0)
    except ProcessLookupError:  # it has just died
        return set()
