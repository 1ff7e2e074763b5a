"""The pages on which a tariff is written: rules as fields or as JSON, and beside them what they mean."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from billing.access import get_managed_draft, get_managed_tariff
from billing.models import Tariff
from billing.services.tariff_drafts import DraftValues, save_draft
from billing.services.tariffs import create_tariff, is_used, revise_tariff
from billing.tariffs import tariff_on
from common.errors import DomainError
from common.translation import day_said
from common.web.forms import refuse
from common.web.htmx import page_response
from lots.access import lots_visible_to
from lots.calendar import local_day
from lots.models import Lot
from office.tariffs.effect import AskedForm, effect_of
from office.tariffs.first_rules import FIRST_RULES
from office.tariffs.forms import LATER, DraftForm, FirstRulesForm, TariffForm
from office.tariffs.rule_forms import all_rows
from office.tariffs.rule_sheet import RuleSheet, posted_sheet, sheet_of

form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
@role_required(Role.ADMIN)
def tariff_new(request: PersonRequest) -> HttpResponse:
    """Choose a lot and what to begin from, then write a tariff."""
    lots = list(lots_visible_to(request.user, Role.ADMIN).in_use().order_by("name"))
    asked = request.POST if request.method == "POST" else request.GET
    lot = next((lot for lot in lots if lot.slug == asked.get("lot")), None)
    if lot is None or (request.method != "POST" and "start" not in asked):
        return _first_page(request, lots, lot)
    at = now()
    place = EditedPlace(
        heading=_("Add a tariff"),
        action=reverse("office:tariff_new"),
        back=reverse("office:tariffs"),
        submit=_("Put in force"),
    )
    page = TariffEditor(request, lot, at, place)
    if request.method == "POST":
        return page.answer(
            lambda values: _saved(request, create_tariff(lot=lot, values=values, at=at, by=request.user))
        )
    return page.show(sheet_of(first_rules_of(lot, asked["start"], at), lot), TariffForm())


@form_page
@role_required(Role.ADMIN)
def tariff_edit(request: PersonRequest, pk: int) -> HttpResponse:
    """Change a tariff. One that priced a stay gets a new revision."""
    tariff, at = get_managed_tariff(request, pk), now()
    back = reverse("office:tariff", args=[tariff.pk])
    place = EditedPlace(
        heading=_("Change %(tariff)s") % {"tariff": tariff.name},
        action=reverse("office:tariff_edit", args=[tariff.pk]),
        back=back,
        submit=_("Save"),
        note=_("Stays were priced by these rules, so new rules become a new revision and those stays keep the old one.")
        if is_used(tariff)
        else "",
    )
    page = TariffEditor(request, tariff.lot, at, place)
    if request.method == "POST":
        return page.answer(
            lambda values: _saved(request, revise_tariff(tariff=tariff, values=values, at=at, by=request.user))
        )
    if tariff.superseded_at is not None:
        return redirect(back)
    return page.show(sheet_of(tariff.rules, tariff.lot), TariffForm.showing(tariff))


@form_page
@role_required(Role.ADMIN)
def draft_edit(request: PersonRequest, pk: int) -> HttpResponse:
    """Change the rules of a draft, which price nothing before it is published."""
    draft, at = get_managed_draft(request, pk), now()
    back = reverse("office:tariff_draft", args=[pk])
    if draft.published_as is not None and request.method != "POST":
        return redirect(back)
    place = EditedPlace(
        heading=_("Change %(tariff)s") % {"tariff": draft.name},
        action=reverse("office:tariff_draft_edit", args=[pk]),
        back=back,
        submit=_("Save the draft"),
        note=_("It prices nothing before it is published."),
    )
    page = TariffEditor(request, draft.lot, at, place, DraftForm)
    if request.method != "POST":
        return page.show(sheet_of(draft.rules, draft.lot), DraftForm.showing(draft))

    def save(values: DraftValues) -> HttpResponse:
        save_draft(draft=draft, values=values, at=at, by=request.user)
        messages.success(request, _("The draft is saved."))
        return redirect(back)

    return page.answer(save)


def _first_page(request: PersonRequest, lots: list[Lot], lot: Lot | None) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    initial = {"lot": lot.slug} if lot else {}
    form = FirstRulesForm(data, lots=lots, initial=initial)
    context = {"form": form, "back": reverse("office:tariffs")}
    return page_response(request, "office/tariffs/new.html", context, status=422 if form.errors else 200)


def first_rules_of(lot: Lot, start: str, at: datetime) -> Any:
    """Return the rules of a template; those in force, or the first template where there are none."""
    in_force = tariff_on(lot, local_day(lot, at))
    if start == LATER and in_force is not None:
        return in_force.rules
    return next((one.rules for one in FIRST_RULES if one.key == start), FIRST_RULES[0].rules)


def _saved(request: PersonRequest, tariff: Tariff) -> HttpResponse:
    """Say that a tariff is saved, and lead to it."""
    if tariff.revision > 1:
        said = _("Revision %(revision)s of %(tariff)s is saved.")
    else:
        said = _("%(tariff)s is in force from %(day)s.")
    known = {"revision": tariff.revision, "tariff": tariff.name, "day": day_said(tariff.valid_from)}
    messages.success(request, said % known)
    return redirect("office:tariff", tariff.pk)


@dataclass(frozen=True, slots=True)
class EditedPlace:
    """What is edited: the heading of its page, where its form goes and leads back to, and the word on its button."""

    heading: str
    action: str
    back: str
    submit: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class TariffEditor:
    """The page on which the rules of a lot's tariff are typed."""

    request: PersonRequest
    lot: Lot
    at: datetime
    place: EditedPlace
    form: type[DraftForm] = TariffForm

    def answer(self, save: Callable[[Any], HttpResponse]) -> HttpResponse:
        """Save what is typed, or do what another button tells and show it again; `save` may refuse the values."""
        data = self.request.POST
        sheet = posted_sheet(data, self.lot)
        if data.get("act", "save") != "save":
            return self.show(sheet, self.form.showing(data.dict()))
        form = self.form(data)
        if form.is_valid() and sheet.rules is not None:
            try:
                return save(form.values(sheet.data))
            except DomainError as error:
                refuse(form, error)
        return self.show(sheet, form, refused=True)

    def show(self, sheet: RuleSheet, form: DraftForm, *, refused: bool = False) -> HttpResponse:
        """Show the editor, or to HTMX the part of it that a button or a field changed."""
        rows = sheet.rows(told=refused)
        every = list(all_rows(rows)) if rows else []
        context = {
            "lot": self.lot,
            "place": self.place,
            "form": form,
            "json_form": sheet.json_form,
            "rows": rows,
            "lists": [one for row in every for one in row.lists.values()],
            "every_row": every,
            "rule_forms": [row.form for row in every] if refused else [],
            "wrong": sheet.checked.wrong if sheet.checked else 0,
            **self._effect(sheet),
        }
        status = 422 if refused else 200
        return page_response(self.request, self._template(), context, status=status)

    def _template(self) -> str:
        """Return the page, or to HTMX what a changed field or a button of a row changes on it."""
        if not self.request.htmx:  # type: ignore[attr-defined]
            return "office/tariffs/edit.html"
        if self.request.POST.get("act") == "show":
            return "office/tariffs/edit/_noted.html"
        return "office/tariffs/edit/_changed.html"

    def _effect(self, sheet: RuleSheet) -> dict[str, Any]:
        asked = AskedForm(self.lot, self.at, self.request.POST or None)
        in_force, rules = tariff_on(self.lot, local_day(self.lot, self.at)), sheet.rules
        effect = None if rules is None else effect_of(self.lot, rules, in_force, asked)
        return {"asked": asked, "in_force": in_force, "effect": effect}
