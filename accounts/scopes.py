"""What an API key may do: `resource:action`, where writing includes reading."""

from collections.abc import Collection, Iterable
from enum import StrEnum
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

READ, WRITE = "read", "write"


class Resource(StrEnum):
    """What scopes are about."""

    LOTS = "lots"
    TARIFFS = "tariffs"
    GATES = "gates"
    STAYS = "stays"
    BOOKINGS = "bookings"
    PASSES = "passes"
    PAYMENTS = "payments"
    DOCUMENTS = "documents"
    REPORTS = "reports"
    EVENTS = "events"
    EXPORTS = "exports"
    TASKS = "tasks"
    PEOPLE = "people"


RESOURCE_LABELS = MappingProxyType(
    {
        Resource.LOTS: _("Lots, levels and spots"),
        Resource.TARIFFS: _("Tariffs"),
        Resource.GATES: _("Gates"),
        Resource.STAYS: _("Stays"),
        Resource.BOOKINGS: _("Bookings"),
        Resource.PASSES: _("Passes"),
        Resource.PAYMENTS: _("Payments"),
        Resource.DOCUMENTS: _("Documents"),
        Resource.REPORTS: _("Figures and reports"),
        Resource.EVENTS: _("Events"),
        Resource.EXPORTS: _("Exports"),
        Resource.TASKS: _("Tasks"),
        Resource.PEOPLE: _("People"),
    }
)
OPERATOR_WIDE = frozenset(
    {
        *(Resource.PASSES, Resource.PAYMENTS, Resource.DOCUMENTS, Resource.EVENTS),
        *(Resource.EXPORTS, Resource.TASKS, Resource.PEOPLE),
    }
)
"""Resources with rows of an operator as a whole, which no key of chosen lots may touch."""
ALL_SCOPES = frozenset(f"{resource}:{action}" for resource in Resource for action in (READ, WRITE))


def scopes_of(levels: Iterable[tuple[str, str]]) -> list[str]:
    """Return the scopes of resources with the most that may be done with each, sorted."""
    found = {f"{resource}:{action}" for resource, level in levels for action in _UP_TO[level]}
    return sorted(found)


def level_of(scopes: Collection[str], resource: str) -> str:
    """Return the most that scopes allow with a resource: `write`, `read` or nothing."""
    return next((action for action in (WRITE, READ) if f"{resource}:{action}" in scopes), "")


def operator_wide_of(scopes: Iterable[str]) -> list[Resource]:
    """Return the resources among scopes that belong to an operator as a whole."""
    named = {scope.partition(":")[0] for scope in scopes}
    return [resource for resource in Resource if resource in named & OPERATOR_WIDE]


_UP_TO = {"": (), READ: (READ,), WRITE: (READ, WRITE)}
