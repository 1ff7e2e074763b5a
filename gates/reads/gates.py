"""Gates with their lots as each process caches them, so that a read need not load them.

Each use of a cached gate loads the versions of the two rows with the rest of what a read needs (see
`gates.reads.facts`), and reloads it when they differ. So every change takes effect with the next read.
"""

from threading import Lock

from cachetools import LRUCache
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from common.errors import NotFoundError
from lots.models import Gate

_VERSIONS = RawSQL("concat_ws(' ', lots_gate.xmin, lots_gate.ctid, lots_lot.xmin, lots_lot.ctid)", ())
_gates: LRUCache[str, tuple[str, Gate]] = LRUCache(maxsize=10_000)
_lock = Lock()


def known_gate(code: str) -> tuple[str, Gate]:
    """Return a gate with the versions of its and its lot's row, from memory where it is known; else as `load_gate`."""
    with _lock:
        known = _gates.get(code)
    return known or load_gate(code)


def load_gate(code: str) -> tuple[str, Gate]:
    """Load a gate with its lot and remember it; raises NotFoundError."""
    gate = Gate.objects.select_related("lot").annotate(versions=_VERSIONS).filter(code=code).first()
    if gate is None:
        raise NotFoundError(_("There is no such gate."), code="gate_not_found")
    known: tuple[str, Gate] = gate.versions, gate
    with _lock:
        _gates[code] = known
    return known
