"""How stays that are not there any more are ended: the form, and what each stay then costs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.time import FIRST_YEAR, LAST_YEAR
from lots.calendar import zone_of
from office.forms import MOMENT, WhyForm
from tickets.fees import Fee, fee_of
from tickets.models import Ticket
from tickets.services import ENDABLE, Settlement, StayEnding

LONGEST_STAY_HOURS = 24 * 366 * 5


class EndStaysForm(WhyForm):
    """What became of stays, when their cars left, and what happens to what is owed.

    `left_at` is by the clock of each stay's lot, `stayed_hours` count from each stay's entry. `seen_at` is when the
    prices were shown: a car that has left "now" had left by then.
    """

    outcome = forms.ChoiceField(
        label=_("What happened?"),
        choices=StayEnding.choices,
        initial=StayEnding.LEFT_UNSEEN,
        widget=forms.RadioSelect,
    )
    when = forms.ChoiceField(
        label=_("When did it leave?"),
        choices=[("now", _("Now")), ("at", _("At a time")), ("after", _("Some hours after it came"))],
        initial="now",
        widget=forms.RadioSelect,
    )
    left_at = forms.DateTimeField(
        label=_("Left at"),
        required=False,
        input_formats=[MOMENT, "%Y-%m-%dT%H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    stayed_hours = forms.DecimalField(
        label=_("Hours after it came"), required=False, min_value=0, max_value=LONGEST_STAY_HOURS, decimal_places=2
    )
    settlement = forms.ChoiceField(
        label=_("What is owed until then"),
        choices=Settlement.choices,
        initial=Settlement.DEBT,
        widget=forms.RadioSelect,
    )
    seen_at = forms.DateTimeField(widget=forms.HiddenInput, input_formats=["%Y-%m-%dT%H:%M:%S%z"])
    field_order = ["outcome", "when", "left_at", "stayed_hours", "settlement", "why", "seen_at"]

    def clean(self) -> dict[str, Any]:
        """Ask for the time that the choice needs."""
        given = super().clean() or {}
        if given.get("outcome") == StayEnding.LEFT_UNSEEN:
            needed = {"at": "left_at", "after": "stayed_hours"}.get(given.get("when", ""), "")
            if needed and needed not in self.errors and given.get(needed) is None:
                self.add_error(needed, gettext("Say when it left."))
        return given

    def clean_left_at(self) -> datetime | None:
        """Refuse years of no clock."""
        typed: datetime | None = self.cleaned_data["left_at"]
        if typed is not None and not FIRST_YEAR <= typed.year <= LAST_YEAR:
            raise forms.ValidationError(gettext("Give a time of this century."))
        return typed

    @property
    def voids(self) -> bool:
        """Return whether the stays never were; call it after `is_valid`."""
        return bool(self.cleaned_data["outcome"] == StayEnding.NEVER_WAS)

    def left_at_of(self, ticket: Ticket) -> datetime:
        """Return when the car of a stay left; call it after `is_valid`."""
        given = self.cleaned_data
        if given["when"] == "after":
            return ticket.entry_at + timedelta(hours=float(given["stayed_hours"]))
        seen: datetime = given["seen_at"]
        typed: datetime = given["left_at"]
        return typed.replace(tzinfo=zone_of(ticket.lot)) if given["when"] == "at" else max(seen, ticket.entry_at)


@dataclass(frozen=True, slots=True)
class PricedEnd:
    """One stay as it would be ended: when its car left and what it cost, or the `problem` that keeps it as it is."""

    ticket: Ticket
    left_at: datetime | None = None
    fee: Fee | None = None
    problem: str = ""

    @property
    def owed(self) -> int:
        """Return what is owed of it, in minor units."""
        return self.fee.owed if self.fee else 0


def priced(stays: Iterable[Ticket], form: EndStaysForm, at: datetime) -> list[PricedEnd]:
    """Return what ending each of the stays by a valid form means."""
    return [_priced(ticket, form, at) for ticket in stays]


def _priced(ticket: Ticket, form: EndStaysForm, at: datetime) -> PricedEnd:
    if ticket.status not in ENDABLE:
        return PricedEnd(ticket, problem=gettext("has ended already"))
    if form.voids:
        charge = ticket.charge
        is_paid = charge is not None and charge.captured_amount > charge.refunded_amount
        return PricedEnd(ticket, problem=gettext("was paid for, so it is real") if is_paid else "")
    left_at = form.left_at_of(ticket)
    if not ticket.entry_at <= left_at <= at:
        return PricedEnd(ticket, problem=gettext("can't have left before it came, nor later than now"))
    fee = fee_of(ticket, left_at)
    if fee.owed and ticket.plate is None and form.cleaned_data["settlement"] == Settlement.DEBT:
        return PricedEnd(ticket, left_at, fee, gettext("has no plate that could owe it"))
    return PricedEnd(ticket, left_at, fee)
