"""The list of blocked plates: columns, filter, and what it finds."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q, QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.access import operators_of
from accounts.models import BlockedPlate, Role, User
from analytics.local_days import between_days
from analytics.scope import Scope
from common.web.listing import ListColumn, Listing, Sought
from gates.blocked_attempts import with_attempts
from lots.calendar import operators_day
from office.list_filters import choices_with
from office.people.people_filters import PeopleFilter, at_chosen_lot, plates_with

BLOCKS = Listing(
    "blocks",
    _("Blocked plates"),
    columns=(
        ListColumn("plate", _("Plate"), "plate_normalised"),
        ListColumn("why", _("Why"), style="cell-key"),
        ListColumn("until", _("Until"), "last_day", style="nowrap"),
        ListColumn("lots", _("Lots")),
        ListColumn("tried", _("Tried to come in"), "attempts", falls=True),
        ListColumn("since", _("Blocked"), "blocked_at", falls=True),
        ListColumn("lift", _("Unblock"), style="end"),
    ),
    usual="-since",
    row="office/people/_block_row.html",
    url="office:blocked",
    noun=_("plates"),
    exported="blocks",
    empty="office/people/_no_blocks.html",
)
_STATES = (("holds", _("Blocked now")), ("over", _("Last day is over")), ("lifted", _("Unblocked")))
_KINDS = (("person", _("By a person")), ("debts", _("For open debts")))


class BlocksFilter(PeopleFilter):
    """The filter of the list of blocked plates; its days are those since which they are blocked."""

    q = forms.CharField(label=_("Plate"), required=False, max_length=40)
    state = forms.ChoiceField(label=_("State"), choices=choices_with(_("Not unblocked"), _STATES), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=choices_with(_("Any"), _KINDS), required=False)
    tried = forms.BooleanField(label=_("Tried to come in"), required=False)
    field_order = ["q", "state", "kind", "lot", "since", "until", "tried"]


def blocks_of(person: User) -> QuerySet[BlockedPlate]:
    """Return the blocked plates of a person's operators, lifted ones too."""
    operators = operators_of(person, Role.ADMIN)
    return BlockedPlate.objects.filter(operator__in=operators).select_related("operator", "blocked_by")


def find_blocks(person: User, scope: Scope, wanted: dict[str, Any]) -> Sought:
    """Return the blocks of a person's operators that match a valid BlocksFilter; lifted ones only when asked for."""
    days = between_days("blocked_at", wanted.get("since"), wanted.get("until"), ZoneInfo(scope.zone))
    found = with_attempts(
        blocks_of(person).filter(days, at_chosen_lot(scope), _in_state(wanted.get("state", ""), person))
    )
    if text := wanted.get("q"):
        found = found.filter(plates_with(text))
    if kind := wanted.get("kind"):
        found = found.filter(for_debts=kind == "debts")
    if wanted.get("tried"):
        found = found.filter(attempts__gt=0)
    return Sought(found)


def _in_state(state: str, person: User) -> Q:
    if state == "lifted":
        return Q(lifted_at__isnull=False)
    standing = Q(lifted_at__isnull=True)
    if not state:
        return standing
    today = operators_day(operators_of(person, Role.ADMIN), now())
    is_over = Q(last_day__isnull=False, last_day__lt=today)
    return standing & (is_over if state == "over" else ~is_over)
