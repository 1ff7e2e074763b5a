"""Find a stay by a ticket number, a plate or a part of either, or by what a driver remembers."""

import re
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from accounts.access import Person
from common.crockford import fold
from common.plates import PlateError, normalise, skeleton
from desk.owing import left_owing
from lots.models import Lot
from tickets.models import Ticket, TicketQuerySet
from tickets.numbers import InvalidNumberError, is_token, parse_reference
from tickets.remembered import one_slip_away

LIMIT = 12

_NUMBER_PART = re.compile(r"[0-9A-Z]{2,12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
    """The stays that were found, likeliest first, and those that left owing, newest first.

    `are_guesses`: no car inside matches; these plates are one edit away, or with `in_review` these stays are in review.
    `has_more`: there are more than shown. `at_other_times`: none came when the driver says.
    `problem`: why the search was refused.
    """

    stays: list[Ticket] = field(default_factory=list)
    owing: list[Ticket] = field(default_factory=list)
    are_guesses: bool = False
    in_review: bool = False
    has_more: bool = False
    at_other_times: bool = False
    problem: str = ""

    @property
    def only(self) -> Ticket | None:
        """Return the stay when it is the only one and no guess; older debts of its plate don't count."""
        if self.are_guesses and self.stays:
            return None
        if not self.stays:
            return self.owing[0] if len(self.owing) == 1 else None
        others = any(debtor.plate_normalised != self.stays[0].plate_normalised for debtor in self.owing)
        return self.stays[0] if len(self.stays) == 1 and not others else None


def find_stays(lot: Lot, text: str, person: Person, *, by: str = "plate", lot_ids: list[int] | None = None) -> Found:
    """Find stays by what was typed or scanned; an empty text lists the newest cars inside.

    A whole number, or a ticket's link, finds its stay in any of the lots with keys in `lot_ids` and in any state.
    Otherwise `by` names what the text is part of: `ticket` (the number) or `plate`, where confusable characters count
    as equal.
    """
    inside = Ticket.objects.filter(lot=lot).open().select_related("spot", "level")
    whole = _by_number_or_link(text, lot_ids or [lot.pk])
    if whole is not None:
        return Found([whole])
    if not text.strip():
        return _bounded(inside)
    if by == "ticket":
        return _by_part_of_number(lot, inside, text, person)
    found = _by_plate(inside, text)
    if not found.problem and (found.are_guesses or not found.stays):
        found = _in_review(lot, text) or found
    return found if found.problem else replace(found, owing=left_owing(lot, person, plate=_plate(text), limit=LIMIT))


def _by_number_or_link(text: str, lot_ids: list[int]) -> Ticket | None:
    stays = Ticket.objects.filter(lot__in=lot_ids).select_related("spot", "level")
    try:
        reference = parse_reference(text)
    except InvalidNumberError:
        return None
    return stays.filter(**{"token" if is_token(reference) else "number": reference}).first()


def _by_part_of_number(lot: Lot, inside: TicketQuerySet, text: str, person: Person) -> Found:
    part = fold(text).removeprefix("PS")
    if not _NUMBER_PART.fullmatch(part):
        return Found(problem=_("Type at least two letters or digits of the ticket number."))
    return replace(
        _bounded(inside.filter(number__contains=part)), owing=left_owing(lot, person, number=part, limit=LIMIT)
    )


def _by_plate(inside: TicketQuerySet, text: str) -> Found:
    try:
        plate = normalise(text)
    except PlateError as error:
        return Found(problem=error.message)
    if plate is None:
        return Found(problem=_("A plate has letters or digits."))
    found = _bounded(inside.filter(plate_skeleton__contains=skeleton(plate)))
    # A stable sort: the typed plate first, the others in order of arrival.
    found.stays.sort(key=lambda stay: stay.plate_normalised != plate)
    return found if found.stays else Found(one_slip_away(inside, plate), are_guesses=True)


def _plate(text: str) -> str:
    """Return a part of a plate as it is compared."""
    return normalise(text) or ""


def _in_review(lot: Lot, text: str) -> Found | None:
    """Find stays in review whose car may be here after all."""
    try:
        plate = normalise(text)
    except PlateError:
        return None
    aside = Ticket.objects.filter(lot=lot).in_review().select_related("spot", "level")
    found = _bounded(aside.filter(plate_skeleton__contains=skeleton(plate))) if plate else Found()
    return replace(found, are_guesses=True, in_review=True) if found.stays else None


def _bounded(stays: TicketQuerySet) -> Found:
    rows = list(stays.order_by("-entry_at", "-id")[: LIMIT + 1])
    return Found(rows[:LIMIT], has_more=len(rows) > LIMIT)
