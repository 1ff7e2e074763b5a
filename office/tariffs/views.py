"""Tariffs: the list, one tariff in words, and its withdrawal."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from billing.access import get_managed_tariff
from billing.models import Tariff, TariffDraft
from billing.pricing import surprises
from billing.services.tariffs import withdraw_tariff
from billing.tariffs import rules_of, standing_of
from billing.words import tariff_words
from common.errors import DomainError
from common.translation import day_said, translated
from common.web.htmx import page_response
from common.web.paging import page_of
from lots.access import get_managed_lot, lots_visible_to
from lots.calendar import local_day
from lots.queries import with_words
from office.lots.pages import confirm_page
from office.tariffs.draft_pages import drafts_of

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@role_required(Role.ADMIN)
def tariff_list(request: PersonRequest) -> HttpResponse:
    """List the tariffs of the person's lots and how they stand today; `?lot=` and `?q=` filter by lot."""
    text = request.GET.get("q", "")
    lot = get_managed_lot(request, request.GET["lot"]) if request.GET.get("lot") else None
    lots = lots_visible_to(request.user, Role.ADMIN).in_use()
    shown = lots_visible_to(request.user, Role.ADMIN).filter(pk=lot.pk) if lot else with_words(lots, text)
    tariffs = Tariff.objects.current().filter(lot__in=shown).select_related("lot")
    page = page_of(tariffs.order_by("lot__name", "-valid_from", "pk"), request)
    context = {"page": page, "lot": lot, "has_lots": lots.exists(), "q": text, "drafts": drafts_of(shown)}
    return page_response(request, "office/tariffs/list.html", context)


@require_safe
@role_required(Role.ADMIN)
def tariff_page(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a tariff in words with its warnings and its other versions."""
    return page_response(request, "office/tariffs/tariff.html", _tariff_context(get_managed_tariff(request, pk)))


@form_page
@role_required(Role.ADMIN)
def tariff_withdrawal(request: PersonRequest, pk: int) -> HttpResponse:
    """Withdraw a tariff after confirmation."""
    tariff = get_managed_tariff(request, pk)
    if request.method != "POST":
        text = _after_withdrawal(tariff, local_day(tariff.lot, now()))
        back = reverse("office:tariff", args=[tariff.pk])
        return confirm_page(
            request,
            title=_("Withdraw %(tariff)s?") % {"tariff": tariff.name},
            text=text,
            submit=_("Withdraw"),
            back=back,
        )
    try:
        withdraw_tariff(tariff=tariff, at=now(), by=request.user)
        messages.success(request, _("%(tariff)s is withdrawn.") % {"tariff": tariff.name})
    except DomainError as error:
        messages.error(request, error.message)
    return redirect("office:tariffs")


def _after_withdrawal(tariff: Tariff, today: date) -> str:
    """Return what withdrawing a tariff means for the lot's new stays."""
    kept = _("Stays that began with it keep it.")
    if standing_of(tariff, local_day(tariff.lot, now())) != "in force":
        return _("It will price no new stays at %(lot)s. %(kept)s") % {"lot": tariff.lot.name, "kept": kept}
    others = Tariff.objects.current().filter(lot=tariff.lot).exclude(pk=tariff.pk)
    coming = others.filter(valid_from__gt=today).order_by("valid_from").first()
    if coming is None:
        return _("It is the only tariff of %(lot)s: from now on new stays are free. %(kept)s") % {
            "lot": tariff.lot.name,
            "kept": kept,
        }
    until = day_said(coming.valid_from)
    return _("New stays at %(lot)s are free until %(coming)s begins on %(until)s. %(kept)s") % {
        "lot": tariff.lot.name,
        "coming": coming.name,
        "until": until,
        "kept": kept,
    }


def _tariff_context(tariff: Tariff) -> dict[str, Any]:
    rules = rules_of(tariff)
    revisions = Tariff.objects.filter(lot=tariff.lot, name=tariff.name).exclude(pk=tariff.pk).order_by("-created_at")
    return {
        "tariff": tariff,
        "lot": tariff.lot,
        "words": tariff_words(rules),
        "surprises": [translated(text) for text in surprises(rules)],
        "standing": standing_of(tariff, local_day(tariff.lot, now())),
        "draft": TariffDraft.objects.filter(published_as=tariff).first(),
        "revisions": revisions[:20],
    }
