"""The list of who works for an operator: columns, filter, and what it finds."""

from typing import Any
from zoneinfo import ZoneInfo

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from accounts.access import operators_of
from accounts.models import STAFF_CHOICES, Membership, Role, User
from accounts.second_factor import FACTORS
from analytics.local_days import between_days
from analytics.scope import Scope
from common.web.listing import ListColumn, Listing, Sought
from office.list_filters import choices_with
from office.people.people_filters import PeopleFilter, at_chosen_lot

MEMBERS = Listing(
    "members",
    _("Members"),
    columns=(
        ListColumn("person", _("Person"), Coalesce(NullIf("user__name", Value("")), "user__email")),
        ListColumn("role", _("Role"), "role", style="cell-key"),
        ListColumn("lots", _("Lots")),
        ListColumn("since", _("Since"), "since", style="cell-wide", falls=True),
        ListColumn("last", _("Last sign-in"), "user__last_login", falls=True),
        ListColumn("factor", _("Second factor"), "has_second_factor"),
    ),
    usual="person",
    row="office/people/_member_row.html",
    url="office:people",
    noun=_("people"),
    none=_("Nobody found"),
    hint=_("Try a part of the name or email, another role or lot."),
    exported="members",
)
_FACTORS = (("on", _("on")), ("off", _("off")))


class MembersFilter(PeopleFilter):
    """The filter of the list of members; its days are those since which they work here."""

    q = forms.CharField(label=_("Name or email"), required=False, max_length=120)
    role = forms.ChoiceField(label=_("Role"), choices=choices_with(_("Any"), STAFF_CHOICES), required=False)
    factor = forms.ChoiceField(label=_("Second factor"), choices=choices_with(_("Any"), _FACTORS), required=False)
    field_order = ["q", "role", "lot", "factor", "since", "until"]


def members_of(person: User) -> QuerySet[Membership]:
    """Return who works for a person's operators themselves, with whether and where they are signed in."""
    return with_signing_in(everybody_at(person).filter(merchant=None))


def everybody_at(person: User) -> QuerySet[Membership]:
    """Return who works for a person's operators, and the people of merchants."""
    members = Membership.objects.filter(operator__in=operators_of(person, Role.ADMIN))
    return members.select_related("user", "operator", "merchant").order_by("operator__name", "role", "user__email")


def with_signing_in(members: QuerySet[Membership]) -> QuerySet[Membership]:
    """Add whether members have a second factor, and in how many places they are signed in."""
    factors = Authenticator.objects.filter(user=OuterRef("user"), type__in=FACTORS)
    sessions = UserSession.objects.filter(user=OuterRef("user")).order_by().values("user").annotate(all=Count("pk"))
    return members.annotate(has_second_factor=Exists(factors), sessions=Subquery(sessions.values("all")))


def find_members(person: User, scope: Scope, wanted: dict[str, Any]) -> Sought:
    """Return the members of a person's operators that match a valid MembersFilter."""
    days = between_days("since", wanted.get("since"), wanted.get("until"), ZoneInfo(scope.zone))
    found: QuerySet[Any] = members_of(person).filter(days, at_chosen_lot(scope))
    if text := wanted.get("q", "").replace("\0", " ").strip():
        found = found.filter(Q(user__name__icontains=text) | Q(user__email__icontains=text))
    if role := wanted.get("role"):
        found = found.filter(role=role)
    if factor := wanted.get("factor"):
        found = found.filter(has_second_factor=factor == "on")
    return Sought(found)
