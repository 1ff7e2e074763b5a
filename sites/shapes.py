"""A site file once it is read: right types, known values, no contradiction inside."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lots.services import ZoneValues


@dataclass(frozen=True, slots=True)
class LevelSpec:
    """A level and its zones in the file's order."""

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
    """A tariff, valid from one day to another, both included (or with no end)."""

    path: str
    name: str
    valid_from: dt.date
    valid_until: dt.date | None
    rules: Mapping[str, Any]

    def overlaps(self, other: "TariffSpec") -> bool:
        """Say whether both are valid on some day."""
        return self.valid_from <= (other.valid_until or dt.date.max) and other.valid_from <= (
            self.valid_until or dt.date.max
        )


@dataclass(frozen=True, slots=True)
class LotSpec:
    """A lot; `values` are the settings that the file gives. A part that the file leaves out (None) stays as it is."""

    path: str
    slug: str
    values: Mapping[str, Any]
    levels: tuple[LevelSpec, ...] | None = None
    gates: tuple[GateSpec, ...] | None = None
    tariffs: tuple[TariffSpec, ...] | None = None


@dataclass(frozen=True, slots=True)
class SiteFile:
    """An operator and its lots. Lots that the file does not name stay as they are."""

    slug: str
    values: Mapping[str, Any]
    lots: tuple[LotSpec, ...]
