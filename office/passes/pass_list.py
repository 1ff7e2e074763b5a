"""The list of passes: by code, plate or holder, by state, lot and last day, with their use."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.core.paginator import Page
from django.db.models import Q
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, role_required, runs_operator
from accounts.models import Role, User
from analytics.scope import Scope, scope_of
from common.errors import DomainError
from common.plates import normalise, skeleton
from common.web.htmx import page_response
from common.web.paging import page_of
from passes.access import passes_at_work
from passes.models import Pass, PassPlate, PassQuerySet, PassStatus
from passes.pass_codes import read_pass_code
from passes.pass_words import holder_words
from passes.queries import with_use

MOST_PLATES = 2


class PassesFilter(forms.Form):
    """The filter of the list of passes."""

    q = forms.CharField(label=_("Plate, code, name or email"), required=False, max_length=80)
    status = forms.ChoiceField(label=_("State"), choices=[("", _("Any")), *PassStatus.choices], required=False)
    lot = forms.ChoiceField(label=_("Lot"), required=False)
    until = forms.DateField(
        label=_("Ends by"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: Any, scope: Scope) -> None:
        super().__init__(data)
        lots = [(lot.slug, lot.name) for lot in scope.lots]
        self.fields["lot"].choices = [("", _("All lots")), *lots]  # type: ignore[attr-defined]
        if len(lots) < 2:  # noqa: PLR2004 - nothing to choose between
            self.fields["lot"].widget = forms.HiddenInput()


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
    valid = form.is_valid()
    found = find_passes(request.user, scope, form.cleaned_data if valid else {})
    page: Page[Any] = page_of(found, request)
    page.object_list = pass_rows(list(page.object_list))
    context = {"scope": scope, "form": form, "page": page, "may_manage": runs_operator(request.user)}
    return page_response(request, "office/passes/list.html#rows", context, status=200 if valid else 422)


def find_passes(person: User, scope: Scope, wanted: dict[str, Any]) -> PassQuerySet:
    """Return the passes that match a valid PassesFilter."""
    found = passes_at_work(person)
    if scope.chosen is not None:
        found = found.filter(lots=scope.chosen.pk)
    if wanted.get("status"):
        found = found.filter(status=wanted["status"])
    if wanted.get("q"):
        found = found.filter(_named(wanted["q"].replace("\0", " ").strip()))
    until: date | None = wanted.get("until")
    if until is None:
        return found.order_by("-created_at", "-pk")
    return found.filter(valid_until__lte=until).order_by("valid_until", "pk")


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
