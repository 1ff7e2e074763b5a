"""What a lot says about its gates: which way each lets cars pass, and what happens when a plate can't be read."""

from enum import StrEnum


class Direction(StrEnum):
    """Which way a gate lets cars pass."""

    ENTRY = "entry"
    EXIT = "exit"


class LowConfidence(StrEnum):
    """What a lot does with a car whose plate can't be read well."""

    TICKET = "ticket"
    ATTEND = "attend"
