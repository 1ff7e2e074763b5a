"""By what a change is made, and what is done to a row."""

from enum import StrEnum


class How(StrEnum):
    """By what a change was made."""

    PAGE = "page"
    API = "api"
    PROGRAM = "program"
    BACK_OFFICE = "back_office"
    TASK = "task"
    COMMAND = "command"
    DATABASE = "database"


class RowAct(StrEnum):
    """What was done to a row."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
