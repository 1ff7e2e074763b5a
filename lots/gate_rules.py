"""Rules of gates: their direction, and what happens when a plate can't be read."""

from enum import StrEnum


class Direction(StrEnum):
    """The direction of a gate."""

    ENTRY = "entry"
    EXIT = "exit"


class LowConfidence(StrEnum):
    """What a lot does with a car whose plate can't be read well."""

    TICKET = "ticket"
    ATTEND = "attend"
