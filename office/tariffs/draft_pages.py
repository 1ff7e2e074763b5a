"""Drafts of tariffs: begun, shown, discarded, published from a day, taken back, copied to other lots."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from billing.access import get_managed_draft, get_managed_tariff
from billing.models import Tariff, TariffDraft
from billing.pricing import parse_rules, surprises
from billing.services.tariff_drafts import (
    DraftValues,
    copy_rules,
    discard_draft,
    publish_draft,
    start_draft,
    take_back_draft,
)
from billing.tariffs import draft_standing_of, tariff_on
from billing.words import tariff_words
from common.errors import DomainError
from common.translation import day_said, translated
from common.web.forms import refuse
from common.web.htmx import page_response
from lots.access import lots_visible_to
from lots.calendar import local_day
from lots.models import Lot
from office.lots.pages import confirm_page
from office.tariffs.comparison_words import outcome_words
from office.tariffs.draft_forms import CopyForm, NewDraftForm, PublishForm
from office.tariffs.editing import first_rules_of
from tickets.models import TariffComparison

form_page = require_http_methods(["GET", "HEAD", "POST"])


def drafts_of(lots: QuerySet[Lot]) -> list[TariffDraft]:
    """Return the drafts of lots that are not published, each with whether it was compared as it is: `previewed`."""
    same = TariffComparison.objects.filter(draft=OuterRef("pk"), new_rules=OuterRef("rules"), finished_at__isnull=False)
    found = TariffDraft.objects.filter(lot__in=lots, published_as=None).annotate(previewed=Exists(same))
    return list(found.select_related("lot").order_by("lot__name", F("changed_at").desc()))


@form_page
@role_required(Role.ADMIN)
def draft_new(request: PersonRequest) -> HttpResponse:
    """Begin a draft."""
    lots = list(lots_visible_to(request.user, Role.ADMIN).in_use().order_by("name"))
    form = NewDraftForm(request.POST or None, lots=lots, initial={"lot": request.GET.get("lot")})
    if request.method == "POST" and form.is_valid():
        lot = next(lot for lot in lots if lot.slug == form.cleaned_data["lot"])
        values = DraftValues(form.cleaned_data["name"], first_rules_of(lot, form.cleaned_data["start"], now()))
        return redirect("office:tariff_draft", start_draft(lot=lot, values=values, at=now(), by=request.user).pk)
    context = {"form": form, "back": reverse("office:tariffs")}
    return page_response(request, "office/tariffs/new_draft.html", context, status=422 if form.errors else 200)


@require_safe
@role_required(Role.ADMIN)
def draft_page(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a draft in words with its warnings and its last comparison."""
    draft = get_managed_draft(request, pk)
    return page_response(request, "office/tariffs/draft.html", draft_context(draft))


@form_page
@role_required(Role.ADMIN)
def draft_discard(request: PersonRequest, pk: int) -> HttpResponse:
    """Discard a draft after confirmation."""
    draft = get_managed_draft(request, pk)
    if request.method == "POST":
        return _done(
            request,
            lambda: discard_draft(draft=draft, at=now(), by=request.user),
            _("%(draft)s is discarded.") % {"draft": draft.name},
            reverse("office:tariffs"),
            reverse("office:tariff_draft", args=[pk]),
        )
    return confirm_page(
        request,
        title=_("Discard %(draft)s?") % {"draft": draft.name},
        text=_("The draft and its comparisons are deleted. The prices in force stay as they are."),
        submit=_("Discard"),
        back=reverse("office:tariff_draft", args=[pk]),
    )


@form_page
@role_required(Role.ADMIN)
def draft_publish(request: PersonRequest, pk: int) -> HttpResponse:
    """Publish a draft from a day; before that, say what changes."""
    draft = get_managed_draft(request, pk)
    today = local_day(draft.lot, now())
    monday = today + dt.timedelta(days=7 - today.weekday())
    form = PublishForm(request.POST or None, initial={"valid_from": monday})
    if request.method == "POST" and form.is_valid():
        try:
            tariff = publish_draft(draft=draft, valid_from=form.cleaned_data["valid_from"], at=now(), by=request.user)
        except DomainError as error:
            refuse(form, error)
        else:
            said = {"draft": draft.name, "lot": draft.lot.name, "day": day_said(tariff.valid_from)}
            messages.success(request, _("%(draft)s prices new stays at %(lot)s from %(day)s.") % said)
            return redirect("office:tariff_draft", pk)
    context = draft_context(draft) | {
        "form": form,
        "back": reverse("office:tariff_draft", args=[pk]),
        "in_force": tariff_on(draft.lot, today),
    }
    return page_response(request, "office/tariffs/publish.html", context, status=422 if form.errors else 200)


@form_page
@role_required(Role.ADMIN)
def draft_take_back(request: PersonRequest, pk: int) -> HttpResponse:
    """Make a draft of a scheduled tariff again after confirmation."""
    draft = get_managed_draft(request, pk)
    page = reverse("office:tariff_draft", args=[pk])
    if request.method == "POST":
        return _done(
            request,
            lambda: take_back_draft(draft=draft, at=now(), by=request.user),
            _("%(draft)s is a draft again.") % {"draft": draft.name},
            page,
            page,
        )
    goes_on = _("%(tariff)s goes on.") % {"tariff": draft.replaces.name} if draft.replaces else ""
    return confirm_page(
        request,
        title=_("Take %(draft)s back?") % {"draft": draft.name},
        text=_("It is a draft again. %(goes_on)s Bookings that it has priced keep their price.") % {"goes_on": goes_on},
        submit=_("Take back"),
        back=page,
    )


@form_page
@role_required(Role.ADMIN)
def tariff_copy(request: PersonRequest, pk: int) -> HttpResponse:
    """Begin drafts with a tariff's rules in other lots."""
    return _copied(request, get_managed_tariff(request, pk), reverse("office:tariff", args=[pk]))


@form_page
@role_required(Role.ADMIN)
def draft_copy(request: PersonRequest, pk: int) -> HttpResponse:
    """Begin drafts with a draft's rules in other lots."""
    return _copied(request, get_managed_draft(request, pk), reverse("office:tariff_draft", args=[pk]))


def draft_context(draft: TariffDraft) -> dict[str, Any]:
    """Return what the pages of a draft show."""
    rules = parse_rules(draft.rules)
    last = draft.comparisons.select_related("lot").first()
    is_current = last is not None and last.new_rules == draft.rules
    standing = draft_standing_of(draft, local_day(draft.lot, now()))
    if standing == "draft" and last is not None and is_current and last.finished_at is not None:
        standing = "preview"
    return {
        "draft": draft,
        "lot": draft.lot,
        "standing": standing,
        "words": tariff_words(rules),
        "surprises": [translated(text) for text in surprises(rules)],
        "comparison": last,
        "is_current": is_current,
        "outcome": outcome_words(last) if last is not None and last.finished_at is not None else "",
    }


def _copied(request: PersonRequest, of: Tariff | TariffDraft, back: str) -> HttpResponse:
    lots = lots_visible_to(request.user, Role.ADMIN).in_use().filter(operator=of.lot.operator_id)
    others = {lot.slug: lot for lot in lots.exclude(pk=of.lot_id).order_by("name")}
    form = CopyForm(request.POST or None, lots=[(slug, _offered(lot, of.lot)) for slug, lot in others.items()])
    if request.method == "POST" and form.is_valid():
        try:
            chosen = [others[slug] for slug in form.cleaned_data["lots"]]
            made = copy_rules(of=of, lots=chosen, at=now(), by=request.user)
        except DomainError as error:
            refuse(form, error)
        else:
            said = ngettext("%(drafts)s draft is started.", "%(drafts)s drafts are started.", len(made))
            messages.success(request, said % {"drafts": len(made)})
            return redirect("office:tariffs")
    context = {"form": form, "back": back, "of": of}
    return page_response(request, "office/tariffs/copy.html", context, status=422 if form.errors else 200)


def _offered(lot: Lot, source: Lot) -> str:
    """Return a lot's name with what prices would mean there that they don't mean at the source."""
    notes = []
    if lot.currency != source.currency:
        notes.append(_("takes %(currency)s, so it can't have these prices") % {"currency": lot.currency})
    if lot.timezone != source.timezone:
        notes.append(_("times of day are those of %(timezone)s") % {"timezone": lot.timezone})
    return f"{lot.name} ({', '.join(notes)})" if notes else lot.name


def _done(request: PersonRequest, act: Any, said: str, there: str, back: str) -> HttpResponse:
    try:
        act()
    except DomainError as error:
        messages.error(request, error.message)
        return redirect(back)
    messages.success(request, said)
    return redirect(there)
