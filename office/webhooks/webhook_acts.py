"""What is done with a webhook: its secret rolled, paused, resumed, replayed, removed; one message sent again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import PersonRequest, operator_required
from common.errors import DomainError
from common.web.forms import refuse
from events.services import (
    pause_webhook,
    remove_webhook,
    replay_events,
    resume_webhook,
    roll_secret,
    send_again,
)
from office.lots.pages import confirm_page
from office.webhooks.webhook_forms import ReplayForm
from office.webhooks.webhook_pages import own_delivery, own_webhook, to_secret, webhook_page

form_page = require_http_methods(["GET", "HEAD", "POST"])


@form_page
@operator_required
def roll(request: PersonRequest, pk: int) -> HttpResponse:
    """Make a new secret after confirmation and show it once."""
    found = own_webhook(request, pk)
    if request.method != "POST":
        text = _("For 24 hours messages are signed with the current secret, too. The new one is shown only once.")
        back = reverse("office:webhook", args=[found.pk])
        return confirm_page(request, title=_("Make a new secret?"), text=text, submit=_("Make a new secret"), back=back)
    return to_secret(request, *roll_secret(webhook=found, at=now()))


@require_POST
@operator_required
def pause(request: PersonRequest, pk: int) -> HttpResponse:
    """Send nothing for a while."""
    pause_webhook(webhook=own_webhook(request, pk))
    messages.success(request, _("Paused. What happens meanwhile is sent once it goes on."))
    return redirect("office:webhook", pk)


@require_POST
@operator_required
def resume(request: PersonRequest, pk: int) -> HttpResponse:
    """Go on with what waits."""
    resume_webhook(webhook=own_webhook(request, pk), at=now())
    messages.success(request, _("It goes on with what waits."))
    return redirect("office:webhook", pk)


@require_POST
@operator_required
def replay(request: PersonRequest, pk: int) -> HttpResponse:
    """Send everything after an event again."""
    found = own_webhook(request, pk)
    form = ReplayForm(request.POST)
    if form.is_valid():
        try:
            replay_events(webhook=found, after=form.cleaned_data["after"])
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("These events are sent again, with the ids that they had."))
            return redirect("office:webhook", found.pk)
    return webhook_page(request, found, form=form)


@form_page
@operator_required
def remove(request: PersonRequest, pk: int) -> HttpResponse:
    """Remove a webhook after confirmation."""
    found = own_webhook(request, pk)
    if request.method != "POST":
        text = _("Nothing more is sent to %(url)s, and the log of what was sent goes, too. This can't be undone.")
        back = reverse("office:webhook", args=[found.pk])
        text %= {"url": found.url}
        return confirm_page(request, title=_("Remove the webhook?"), text=text, submit=_("Remove"), back=back)
    remove_webhook(webhook=found)
    messages.success(request, _("%(name)s is removed.") % {"name": found.name})
    return redirect("office:webhooks")


@require_POST
@operator_required
def again(request: PersonRequest, pk: int, delivery_pk: int) -> HttpResponse:
    """Send one message again."""
    found = own_delivery(request, pk, delivery_pk)
    try:
        send_again(delivery=found, at=now())
    except DomainError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("It is sent again, with the id that it had."))
    return redirect("office:webhook_delivery", pk, delivery_pk)
