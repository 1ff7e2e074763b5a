"""A parsed site file: valid types, known values, no contradictions."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lots.services import ZoneValues


@dataclass(frozen=True, slots=True)
class LevelSpec:
    """A level and its zones, in the file's order."""

    path: str
    number: int
    name: str
    zones: tuple[ZoneValues, ...] = ()


@dataclass(frozen=True, slots=True)
class GateSpec:
    """A gate; `values` are the fields that the file gives."""

    path: str
    code: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class TariffSpec:
    """A tariff; `valid_until` is included, or None for no end."""

    path: str
    name: str
    valid_from: dt.date
    valid_until: dt.date | None
    rules: Mapping[str, Any]

    def overlaps(self, other: "TariffSpec") -> bool:
        """Return whether both are valid on some day."""
        return self.valid_from <= (other.valid_until or dt.date.max) and other.valid_from <= (
            self.valid_until or dt.date.max
        )


@dataclass(frozen=True, slots=True)
class LotSpec:
    """A lot; `values` are the settings that the file gives. Parts that the file omits (None) stay unchanged."""

    path: str
    slug: str
    values: Mapping[str, Any]
    levels: tuple[LevelSpec, ...] | None = None
    gates: tuple[GateSpec, ...] | None = None
    tariffs: tuple[TariffSpec, ...] | None = None


@dataclass(frozen=True, slots=True)
class SiteFile:
    """An operator and its lots. Lots that the file omits stay unchanged."""

    slug: str
    values: Mapping[str, Any]
    lots: tuple[LotSpec, ...]
