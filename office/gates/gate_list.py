"""The list of gates: columns, filter, and what it finds."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import CharField, Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat
from django.http import HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from analytics.gate_health import health_of
from common.web.listing import ListColumn, Listing, Sought
from gates.models import GateEvent
from lots.access import get_managed_lot, has_role_at, lots_visible_to
from lots.gate_rules import Direction
from lots.models import Gate
from lots.queries import with_words
from office.list_filters import choices_with
from office.list_pages import list_response

_PLACE = Concat("lot__name", Value(" "), "direction", Value(" "), "code", output_field=CharField())
GATES = Listing(
    "gates",
    _("Gates"),
    columns=(
        ListColumn("gate", _("Gate"), "code"),
        ListColumn("lot", _("Lot"), _PLACE),
        ListColumn("direction", _("Direction"), "direction"),
        ListColumn("level", _("Level"), "level", style="cell-wide"),
        ListColumn("state", _("State"), "is_closed", style="cell-key"),
        ListColumn("health", _("Health")),
        ListColumn("devices", _("Devices"), "working_devices", style="number", falls=True),
        ListColumn("last", _("Last event"), "last_at", falls=True),
    ),
    usual="lot",
    row="office/gates/_row.html",
    url="office:gates",
    noun=_("gates"),
    empty="office/gates/_empty.html",
)
_STATES = (("open", _("In service")), ("closed", _("Out of service")), ("no_key", _("No key")))


class GatesFilter(forms.Form):
    """The filter of the list of gates; `q` is of its lot."""

    q = forms.CharField(label=_("Lot"), required=False, max_length=100)
    direction = forms.ChoiceField(
        label=_("Direction"),
        choices=choices_with(_("Any"), [(Direction.ENTRY, _("Entry")), (Direction.EXIT, _("Exit"))]),
        required=False,
    )
    state = forms.ChoiceField(label=_("State"), choices=choices_with(_("Any"), _STATES), required=False)
    lot = forms.SlugField(required=False, widget=forms.HiddenInput)


@require_safe
@role_required(Role.GUARD)
def gate_list(request: PersonRequest) -> HttpResponse:
    """List the gates of the person's lots with their devices and last event, by lot, direction and state."""
    form = GatesFilter(request.GET)
    wanted = form.cleaned_data if form.is_valid() else {}
    lot = get_managed_lot(request, request.GET["lot"], Role.GUARD) if request.GET.get("lot") else None
    lots = lots_visible_to(request.user, Role.GUARD).in_use()
    found = with_life(Gate.objects.filter(lot__in=[lot] if lot else with_words(lots, wanted.get("q", ""))))
    if wanted.get("direction"):
        found = found.filter(direction=wanted["direction"])
    asked = {"open": Q(is_closed=False), "closed": Q(is_closed=True), "no_key": Q(working_devices=0)}
    page = GATES.page(Sought(found.filter(asked.get(wanted.get("state", ""), Q()))), request.GET)
    _add_health(page.object_list)
    narrowed = any(wanted.get(name) for name in ("direction", "state"))
    context = {"lot": lot, "has_lots": lots.exists(), "q": wanted.get("q", ""), "is_narrowed": narrowed}
    context["is_admin"] = has_role_at(request.user, Role.ADMIN, lot) if lot else request.user.menu_role == Role.ADMIN
    return list_response(request, "office/gates/list.html", page, form=form, context=context)


def _add_health(gates: Iterable[Any]) -> None:
    """Say of each gate how it is."""
    shown = list(gates)
    found = health_of(shown, without_key={gate.pk for gate in shown if not gate.working_devices}, at=now())
    for gate in shown:
        gate.health = found.get(gate.pk)


def with_life(gates: QuerySet[Gate]) -> QuerySet[Any]:
    """Return gates with how many of their devices work, and when the last event was."""
    last = GateEvent.objects.filter(gate=OuterRef("pk")).order_by("-at").values("at")[:1]
    working = Count("devices", filter=Q(devices__revoked_at=None), distinct=True)
    found: QuerySet[Any] = gates.select_related("lot").annotate(working_devices=working, last_at=Subquery(last))
    return found
