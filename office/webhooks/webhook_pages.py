"""Pages of webhooks: the list, one with its log, what became of a message, and the secret, which is shown once."""

import json
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import PersonRequest, operator_required, operators_of, runs_installation
from accounts.models import Role
from common.errors import DomainError, NotFoundError
from common.web.forms import refuse
from common.web.paging import page_of
from events.access import load_delivery, load_webhook, webhooks_of
from events.event_json import event_json
from events.models import DeliveryState, Webhook, WebhookDelivery
from events.queries import last_number, stream_of, stream_progress
from events.services import change_webhook, make_webhook, message_id
from lots.access import lots_visible_to
from office.gates.once import keep_for_one_look, take_for_one_look
from office.webhooks.webhook_forms import ReplayForm, WebhookForm

form_page = require_http_methods(["GET", "HEAD", "POST"])


def own_webhook(request: PersonRequest, pk: int) -> Webhook:
    """Return a webhook of the person's operators; raises Http404 for any other."""
    try:
        return load_webhook(request.user, pk)
    except NotFoundError as error:
        raise Http404(error.message) from error


def own_delivery(request: PersonRequest, pk: int, delivery_pk: int) -> WebhookDelivery:
    """Return a delivery of a webhook of the person's operators; raises Http404 for any other."""
    try:
        return load_delivery(request.user, pk, delivery_pk)
    except NotFoundError as error:
        raise Http404(error.message) from error


def to_secret(request: PersonRequest, webhook: Webhook, secret: str) -> HttpResponse:
    """Redirect to the page that shows a new secret once; a reload makes no other."""
    token = keep_for_one_look(request, secret)
    return redirect(f"{reverse('office:webhook_secret', args=[webhook.pk])}?once={token}")


@require_safe
@operator_required
def webhooks(request: PersonRequest) -> HttpResponse:
    """List the webhooks of the person's operators, and how far the stream is with their events."""
    waiting = Count("deliveries", filter=Q(deliveries__state=DeliveryState.WAITING))
    page = page_of(webhooks_of(request.user).annotate(waiting=waiting).order_by("name", "pk"), request)
    return render(request, "office/webhooks/list.html", {"page": page} | _stream(request))


def _stream(request: PersonRequest) -> dict[str, Any]:
    address = settings.EVENTS_STREAM
    if address is None:
        return {}
    return {
        "address": address,
        "stream": stream_of(address),
        "progress": stream_progress(address, operators_of(request.user, Role.ADMIN)),
        "sees_errors": runs_installation(request.user),
    }


@form_page
@operator_required
def new_webhook(request: PersonRequest) -> HttpResponse:
    """Make a webhook and show its secret."""
    form = _form(request)
    if form.is_valid():
        try:
            made, secret = make_webhook(operator=form.chosen_operator, wish=form.wish, by=request.user, at=now())
        except DomainError as error:
            refuse(form, error)
        else:
            return to_secret(request, made, secret)
    context = {"form": form, "back": reverse("office:webhooks")}
    return render(request, "office/webhooks/form.html", context, status=422 if form.errors else 200)


@form_page
@operator_required
def webhook_settings(request: PersonRequest, pk: int) -> HttpResponse:
    """Change where a webhook leads and what it gets."""
    found = own_webhook(request, pk)
    form = _form(request, found)
    if form.is_valid():
        try:
            change_webhook(webhook=found, wish=form.wish)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Saved."))
            return redirect("office:webhook", found.pk)
    context = {"form": form, "back": reverse("office:webhook", args=[found.pk]), "webhook": found}
    return render(request, "office/webhooks/form.html", context, status=422 if form.errors else 200)


@require_safe
@operator_required
def webhook(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a webhook and the log of its deliveries."""
    return webhook_page(request, own_webhook(request, pk))


def webhook_page(request: PersonRequest, found: Webhook, *, form: ReplayForm | None = None) -> HttpResponse:
    """Show a webhook's page, perhaps with a form that was refused."""
    state = request.GET.get("state", "")
    deliveries = found.deliveries.select_related("event").order_by("-number")
    if state in DeliveryState.values:
        deliveries = deliveries.filter(state=state)
    context = {
        "webhook": found,
        "page": page_of(deliveries, request),
        "state": state,
        "states": DeliveryState.choices,
        "waiting": found.deliveries.filter(state=DeliveryState.WAITING).count(),
        "last": last_number(found.operator),
        "signs_twice": found.old_secret_until is not None and found.old_secret_until > now(),
        "form": form or ReplayForm(),
    }
    return render(request, "office/webhooks/webhook.html", context, status=422 if form else 200)


@require_safe
@operator_required
def webhook_secret(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a secret that was just made. A second request only says that it was already shown."""
    found = own_webhook(request, pk)
    secret = take_for_one_look(request, request.GET.get("once", "")) if request.method == "GET" else None
    response = render(request, "office/webhooks/secret.html", {"webhook": found, "secret": secret})
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@operator_required
def delivery(request: PersonRequest, pk: int, delivery_pk: int) -> HttpResponse:
    """Show what was sent and what the receiver answered."""
    found = own_delivery(request, pk, delivery_pk)
    context = {
        "webhook": found.webhook,
        "delivery": found,
        "message_id": message_id(found),
        "body": json.dumps(event_json(found.event), indent=2, ensure_ascii=False),
    }
    return render(request, "office/webhooks/delivery.html", context)


def _form(request: PersonRequest, found: Webhook | None = None) -> WebhookForm:
    operators = [found.operator] if found else list(operators_of(request.user, Role.ADMIN))
    lots = lots_visible_to(request.user, Role.ADMIN).in_use().filter(operator__in=operators).order_by("name", "pk")
    data: Any = request.POST if request.method == "POST" else None
    return WebhookForm(data, operators=operators, lots=list(lots), webhook=found)
