"""The kinds of messages: what each is called, why it is sent, and whether its recipient may turn it off.

A kind is named after its templates, `templates/mail/<name>.subject.txt` and `<name>.txt`. Each room registers its own
when the program starts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


class KindGroup(models.TextChoices):
    """How kinds are listed for people."""

    ACCOUNT = "account", _("Your account")
    BOOKINGS = "bookings", _("Bookings")
    STAYS = "stays", _("Stays")
    MONEY = "money", _("Payments and debts")
    PASSES = "passes", _("Passes")
    REPORTS = "reports", _("Reports and offers")
    WORK = "work", _("For operators")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of message.

    An `essential` one is always sent; the others can be turned off, and are on from the start unless `opt_in`. `why`
    says what causes it. One that `can_wait` is held back by a daily summary. What was not sent within `worth` of its
    cause is left out. Only admins choose about one `for_admins`. The contents of one that `opens_account` are deleted
    once it is sent. `multiline` names what in its context may have several lines. `sample` is a context to show it by.
    """

    name: str
    label: Words
    group: KindGroup
    why: Words
    essential: bool = True
    opt_in: bool = False
    can_wait: bool = True
    worth: timedelta | None = None
    for_admins: bool = False
    of_operator: bool = True
    opens_account: bool = False
    multiline: frozenset[str] = frozenset()
    sample: Mapping[str, Any] = field(default_factory=dict)

    def is_wanted(self, chosen: Mapping[str, bool]) -> bool:
        """Return whether somebody who chose so gets it."""
        return self.essential or chosen.get(self.name, not self.opt_in)


_kinds: dict[str, Kind] = {}


def register_kinds(*kinds: Kind) -> None:
    """Make kinds known; call it at start-up."""
    _kinds.update({kind.name: kind for kind in kinds})


def kind_of(name: str) -> Kind:
    """Return a kind by the name of its templates; what was never registered counts as essential."""
    label = name.replace("_", " ").capitalize()
    return _kinds.get(name) or Kind(name, label, KindGroup.ACCOUNT, _("Something happened that you should know."))


def known_kinds() -> list[Kind]:
    """Return all registered kinds by group and label."""
    order = list(KindGroup)
    return sorted(_kinds.values(), key=lambda kind: (order.index(kind.group), str(kind.label)))


def optional_kinds() -> list[Kind]:
    """Return the kinds that people choose about."""
    return [kind for kind in known_kinds() if not kind.essential]
