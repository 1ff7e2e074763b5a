"""Gates with their lots as each process remembers them, so that a read need not load them.

Whoever uses a remembered gate loads, with whatever else a read needs, the versions of the two rows (see
`gates.statements`), and asks again when they are others by then. So every change takes effect with the next read.
"""

from threading import Lock

from cachetools import LRUCache
from django.db import connection

from gates import statements
from gates.models import Gate

_gates: LRUCache[int, tuple[str, Gate]] = LRUCache(maxsize=10_000)
_lock = Lock()


def known_gate(gate_id: int) -> tuple[str, Gate]:
    """Return a gate with its lot and the versions of both rows, from memory where it is known."""
    with _lock:
        known = _gates.get(gate_id)
    return known or load_gate(gate_id)


def load_gate(gate_id: int) -> tuple[str, Gate]:
    """Load a gate with its lot and remember it."""
    # The versions come first: when the rows change in between, they are older than what is loaded and never fit.
    with connection.cursor() as cursor:
        cursor.execute(statements.VERSIONS, {"gate": gate_id})
        (versions,) = cursor.fetchone()
    known = (versions, Gate.objects.select_related("lot").get(pk=gate_id))
    with _lock:
        _gates[gate_id] = known
    return known
