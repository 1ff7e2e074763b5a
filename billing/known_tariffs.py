"""Tariffs as they are kept for a while: for lists that show prices of many lots, never for what is charged."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from billing.models import Tariff
from billing.tariffs import tariffs_on
from common.db.written_rows import read_row, written_row
from common.two_level_cache import Kept

_tariffs = Kept("tariffs", _("Prices of lots"), setting="CACHE_SECONDS", most=2_000)


def known_tariffs_on(days: Mapping[int, date]) -> dict[int, Tariff]:
    """Return the tariffs of a local day of each lot, by lot id, as `tariffs_on` does."""
    keys = {f"{lot} {day}": (lot, day) for lot, day in days.items()}

    def load(missing: list[str]) -> dict[str, Any]:
        found = tariffs_on(dict(keys[key] for key in missing))
        written = {lot: written_row(tariff) for lot, tariff in found.items()}
        return {key: written.get(keys[key][0]) for key in missing}

    known = _tariffs.get_all(list(keys), load)
    return {lot: read_row(Tariff, known[key]) for key, (lot, _day) in keys.items() if known[key]}
