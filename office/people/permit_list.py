"""The list of permits: columns, filter, and what it finds."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from accounts.access import operators_of
from accounts.models import Permit, PermitKind, Role, User
from common.web.listing import ListColumn, Listing, Sought
from lots.calendar import operators_day
from office.list_filters import DaysFilter, choices_with
from office.people.people_filters import plates_with

PERMITS = Listing(
    "permits",
    _("Permits"),
    columns=(
        ListColumn("plate", _("Plate"), "plate_normalised"),
        ListColumn("kind", _("Kind"), "kind"),
        ListColumn("number", _("Number"), "number"),
        ListColumn("from", _("First day"), "valid_from", style="nowrap", falls=True),
        ListColumn("until", _("Last day"), "valid_until", style="nowrap cell-key", falls=True),
        ListColumn("end", _("End"), style="end"),
    ),
    usual="plate",
    row="office/people/_permit_row.html",
    url="office:permits",
    noun=_("permits"),
    exported="permits",
    empty="office/people/_no_permits.html",
)
_STATES = (("valid", _("Valid today")), ("over", _("Over")), ("later", _("Not yet")))


class PermitsFilter(DaysFilter):
    """The filter of the list of permits, beside the form that adds one; its days are those on which they are valid."""

    q = forms.CharField(label=_("Plate or number"), required=False, max_length=40)
    kind = forms.ChoiceField(label=_("Kind"), choices=choices_with(_("Any"), PermitKind.choices), required=False)
    state = forms.ChoiceField(label=_("State"), choices=choices_with(_("Any"), _STATES), required=False)
    field_order = ["q", "kind", "state", "since", "until"]

    def __init__(self, data: Any) -> None:
        super().__init__(data, auto_id="sought_%s")


def permits_of(person: User) -> QuerySet[Permit]:
    """Return the permits of a person's operators."""
    return Permit.objects.filter(operator__in=operators_of(person, Role.ADMIN)).select_related("operator")


def find_permits(person: User, wanted: dict[str, Any]) -> Sought:
    """Return the permits of a person's operators that match a valid PermitsFilter."""
    found = permits_of(person).filter(_in_state(wanted.get("state", ""), person))
    if text := wanted.get("q", "").replace("\0", " ").strip():
        found = found.filter(plates_with(text) | Q(number__icontains=text))
    if kind := wanted.get("kind"):
        found = found.filter(kind=kind)
    if wanted.get("since"):
        found = found.filter(_not_over_before(wanted["since"]))
    if wanted.get("until"):
        found = found.filter(valid_from__lte=wanted["until"])
    return Sought(found)


def _in_state(state: str, person: User) -> Q:
    if not state:
        return Q()
    today = operators_day(operators_of(person, Role.ADMIN), now())
    return {
        "valid": Q(valid_from__lte=today) & _not_over_before(today),
        "over": Q(valid_until__lt=today),
        "later": Q(valid_from__gt=today),
    }[state]


def _not_over_before(day: Any) -> Q:
    """Match the permits that are not over before a day."""
    return Q(valid_until__isnull=True) | Q(valid_until__gte=day)
