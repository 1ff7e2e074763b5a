"""The list of passes: by code, plate or holder, by state, lot and last day, with their use."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, role_required, runs_operator
from accounts.models import Role, User
from analytics.scope import Scope, scope_of
from common.db.choices import choices_of
from common.errors import DomainError
from common.plates import normalise, skeleton
from common.web.listing import ListColumn, Listing, Sought
from office.list_filters import choices_with, offer_lots
from office.list_pages import list_response
from passes.access import passes_at_work
from passes.models import Pass, PassPlate, PassQuerySet, PassStatus
from passes.models.terms import KIND_LABELS
from passes.pass_codes import read_pass_code
from passes.pass_words import holder_words
from passes.queries import with_use

MOST_PLATES = 2


_WHO = Coalesce(
    F("company__name"),
    *(NullIf(F(name), Value("")) for name in ("holder_name", "email", "holder__name")),
    F("holder__email"),
)
PASSES = Listing(
    "passes",
    _("Passes"),
    columns=(
        ListColumn("code", _("Code"), "code", style="nowrap"),
        ListColumn("who", _("Who"), _WHO, style="cell-key"),
        ListColumn("pass", _("Pass"), "name"),
        ListColumn("plates", _("Plates")),
        ListColumn("state", _("State"), "status"),
        ListColumn("until", _("Until"), "valid_until", style="nowrap", falls=True),
        ListColumn("made", _("Made"), "created_at", style="nowrap cell-wide", falls=True),
        ListColumn("inside", _("Inside"), style="number"),
        ListColumn("used", _("Used"), style="number cell-wide"),
    ),
    usual="-made",
    row="office/passes/_row.html",
    url="office:passes",
    noun=_("passes"),
    none=_("No passes found"),
    hint=_("Try a part of the plate or name, or another state."),
    exported="passes",
)


class PassesFilter(forms.Form):
    """The filter of the list of passes."""

    q = forms.CharField(label=_("Plate, code, name or email"), required=False, max_length=80)
    status = forms.ChoiceField(label=_("State"), choices=choices_with(_("Any"), PassStatus.choices), required=False)
    kind = forms.ChoiceField(label=_("Kind"), choices=choices_with(_("Any"), choices_of(KIND_LABELS)), required=False)
    lot = forms.ChoiceField(label=_("Lot"), required=False)
    until = forms.DateField(
        label=_("Ends by"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: Any, scope: Scope) -> None:
        super().__init__(data)
        offer_lots(self, scope)


@dataclass(frozen=True, slots=True)
class PassRow:
    """A pass in a list: who has it, and its plates."""

    held: Pass
    holder: str
    plates: list[str]

    @property
    def first_plates(self) -> list[str]:
        """Return as many plates as fit into a row."""
        return self.plates[:MOST_PLATES]

    @property
    def more_plates(self) -> int:
        """Return how many more there are."""
        return len(self.plates[MOST_PLATES:])


@require_safe
@role_required(Role.ATTENDANT)
def passes(request: PersonRequest) -> HttpResponse:
    """List passes, the last made first, or the first to end where a last day is asked for."""
    scope = scope_of(request.user, request.GET.get("lot", ""), Role.ATTENDANT)
    form = PassesFilter(request.GET, scope)
    wanted = form.cleaned_data if form.is_valid() else {}
    page = PASSES.page(Sought(find_passes(request.user, scope, wanted)), in_order(request.GET))
    page.object_list = pass_rows(list(page.object_list))
    context = {"scope": scope, "may_manage": runs_operator(request.user)}
    return list_response(request, "office/passes/list.html", page, form=form, context=context)


def in_order(query: QueryDict) -> QueryDict:
    """Return what an address asks for with its order: the first to end where a last day is asked for, and no other."""
    asked = query.copy()
    if query.get("until") and not query.get("sort"):
        asked["sort"] = "until"
    return asked


def find_passes(person: User, scope: Scope, wanted: dict[str, Any]) -> PassQuerySet:
    """Return the passes that match a valid PassesFilter."""
    found = passes_at_work(person)
    if scope.chosen is not None:
        found = found.filter(lots=scope.chosen.pk)
    for name in ("status", "kind"):
        if wanted.get(name):
            found = found.filter(**{name: wanted[name]})
    if wanted.get("until"):
        found = found.filter(valid_until__lte=wanted["until"])
    text = (wanted.get("q") or "").replace("\0", " ").strip()
    return found.filter(_named(text)) if text else found


def _named(text: str) -> Q:
    """Match a whole code, a part of a plate (confusable characters count as equal), or of a name or address."""
    code = read_pass_code(text)
    if code is not None:
        return Q(code=code)
    person = Q(holder_name__icontains=text) | Q(email__icontains=text) | Q(company__name__icontains=text)
    person |= Q(holder__name__icontains=text) | Q(holder__email__icontains=text)
    try:
        plate = normalise(text)
    except DomainError:
        plate = None
    if not plate:
        return person
    plates = PassPlate.objects.current().filter(plate_skeleton__contains=skeleton(plate))
    return person | Q(pk__in=plates.values("held_pass"))


def pass_rows(shown: list[Pass]) -> list[PassRow]:
    """Return the passes of a page in their order with their use, their plates and who has them."""
    rows = with_use(Pass.objects.filter(pk__in=[held.pk for held in shown]))
    by_key = {held.pk: held for held in rows.select_related("company", "holder", "lot")}
    plates: dict[int, list[str]] = {held.pk: [] for held in shown}
    current = PassPlate.objects.current().filter(held_pass__in=by_key).order_by("held_pass", "pk")
    for held_id, plate in current.values_list("held_pass", "plate"):
        plates[held_id].append(plate)
    return [PassRow(by_key[held.pk], holder_words(by_key[held.pk]), plates[held.pk]) for held in shown]
