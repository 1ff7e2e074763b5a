"""The names of the lots to which a role or a block is limited."""

from collections.abc import Iterable
from typing import Any

from lots.models import Lot


def name_lots(rows: Iterable[Any]) -> None:
    """Set on rows the names of their `lot_ids` as `lot_words`, empty for all; one query at most."""
    found = list(rows)
    keys = {key for row in found for key in row.lot_ids or ()}
    names = dict(Lot.objects.filter(pk__in=keys).values_list("pk", "name")) if keys else {}
    for row in found:
        row.lot_words = ", ".join(sorted(names[key] for key in row.lot_ids or () if key in names))
