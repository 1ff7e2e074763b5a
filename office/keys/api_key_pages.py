"""API keys: the list, a new one, one key (shown in full once), a roll, and a withdrawal."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import PersonRequest, operator_required, operators_of
from accounts.api_keys import IssuedApiKey, make_api_key, roll_api_key, withdraw_api_key
from accounts.key_format import client_id_of
from accounts.models import ApiKey, Role
from common.errors import DomainError
from common.web.forms import refuse
from common.web.htmx import page_response
from common.web.paging import page_of
from lots.models import Lot
from office.gates.once import keep_for_one_look, take_for_one_look
from office.keys.api_key_forms import ApiKeyForm, RollForm, rights_words
from office.lots.pages import confirm_page

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@operator_required
def key_list(request: PersonRequest) -> HttpResponse:
    """List the keys of the person's operators, those that work first."""
    at = now()
    keys = _keys(request, at).order_by("-works", "operator__name", "name", "-pk")
    page = page_of(keys, request)
    for row in page.object_list:
        row.rights = rights_words(row)
    context = {"page": page, "several": operators_of(request.user, Role.ADMIN).count() > 1}
    return page_response(request, "office/keys/list.html", context)


@form_page
@operator_required
def key_new(request: PersonRequest) -> HttpResponse:
    """Make a key and redirect to the page that shows it once."""
    operators = list(operators_of(request.user, Role.ADMIN).order_by("name"))
    form = ApiKeyForm(request.POST or None, operators=operators, person=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            issued = make_api_key(operator=form.operator, terms=form.terms(), at=now(), by=request.user)
        except DomainError as error:
            refuse(form, error)
        else:
            return _to_its_page(request, issued)
    context = {"form": form, "back": reverse("office:keys")}
    return page_response(request, "office/keys/new.html", context, status=422 if form.errors else 200)


@require_safe
@operator_required
def key_page(request: PersonRequest, pk: int) -> HttpResponse:
    """Show what a key may do and whether it works; the key itself only when it was just issued."""
    at = now()
    row = _key(request, pk, at)
    shown = take_for_one_look(request, request.GET.get("once", "")) if request.method == "GET" else None
    old_works = row.old_ends_at is not None and row.old_ends_at > at
    context: dict[str, Any] = {
        "row": row,
        "key": shown,
        "client_id": client_id_of(row.public_id),
        "rights": rights_words(row),
        "lots": None if row.lot_ids is None else Lot.objects.filter(pk__in=row.lot_ids).order_by("name"),
        "old_works": old_works,
        "has_ended": row.ends_at is not None and row.ends_at <= at,
    }
    response = page_response(request, "office/keys/key.html", context)
    response["Cache-Control"] = "no-store"
    return response


@form_page
@operator_required
def key_rolling(request: PersonRequest, pk: int) -> HttpResponse:
    """Replace a key, which works on for a while, and redirect to the page that shows the new one once."""
    at = now()
    row = _key(request, pk, at)
    seen = row.rolled_at.isoformat() if row.rolled_at else ""
    form = RollForm(request.POST or None, initial={"seen": seen})
    if request.method == "POST" and form.is_valid():
        try:
            issued = roll_api_key(
                key=row, seen_rolled_at=form.cleaned_data["seen"], keep_old_for=form.kept_for(), at=at
            )
        except DomainError as error:
            messages.error(request, error.message)
            return redirect("office:key", pk)
        return _to_its_page(request, issued)
    old_works = row.old_ends_at is not None and row.old_ends_at > at
    context = {"form": form, "row": row, "old_works": old_works, "back": reverse("office:key", args=[pk])}
    return page_response(request, "office/keys/roll.html", context, status=422 if form.errors else 200)


@form_page
@operator_required
def key_withdrawal(request: PersonRequest, pk: int) -> HttpResponse:
    """Withdraw a key after confirmation."""
    at = now()
    row = _key(request, pk, at)
    if request.method != "POST":
        return confirm_page(
            request,
            title=_("Withdraw the key %(name)s?") % {"name": row.name},
            text=_("Its program can do nothing any more, at once. This can't be undone."),
            submit=_("Withdraw the key"),
            back=reverse("office:key", args=[pk]),
        )
    withdraw_api_key(key=row, at=at, by=request.user)
    messages.success(request, _("The key %(name)s is withdrawn.") % {"name": row.name})
    return redirect("office:keys")


def _keys(request: PersonRequest, at: datetime) -> QuerySet[Any]:
    works = Exists(ApiKey.objects.standing(at).filter(pk=OuterRef("pk")))
    keys = ApiKey.objects.filter(operator__in=operators_of(request.user, Role.ADMIN)).annotate(works=works)
    found: QuerySet[Any] = keys.select_related("operator", "made_by", "withdrawn_by")
    return found


def _key(request: PersonRequest, pk: int, at: datetime) -> Any:
    return get_object_or_404(_keys(request, at), pk=pk)


def _to_its_page(request: PersonRequest, issued: IssuedApiKey) -> HttpResponse:
    # A redirect, so that a reload doesn't issue another key.
    token = keep_for_one_look(request, issued.key)
    return redirect(f"{reverse('office:key', args=[issued.row.pk])}?once={token}")
