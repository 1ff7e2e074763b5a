"""The list of messages, one message, and trying again what was parked."""

from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, operator_required, operators_of
from accounts.models import Role
from analytics.scope import scope_of
from common.web.privacy import redacted
from notifications.kinds import kind_of
from notifications.models import MailOutcome, Message
from notifications.reachability import clear_address, unreachable
from notifications.rendering import Written, language_of, write
from notifications.services import send_again, send_all_again, stuck
from notifications.wishes import reader_of
from office.list_pages import list_response
from office.messages.mail_frames import framed_mail
from office.messages.outbox_list import MESSAGES, MessagesFilter, find_messages
from office.messages.outbox_queries import messages_of, providers_away, waiting_of


@require_safe
@operator_required
def outbox(request: PersonRequest) -> HttpResponse:
    """List what was said to whom, why, when and in which state."""
    operators, at = operators_of(request.user, Role.ADMIN), now()
    form = MessagesFilter(request.GET)
    zone = scope_of(request.user).zone
    found = find_messages(request.user, form.cleaned_data if form.is_valid() else {}, ZoneInfo(zone))
    waiting = waiting_of(operators)
    context = {
        "waiting": waiting,
        "waited": at - (waiting.since or at),
        "parked": stuck(messages_of(operators)).count(),
        "away": providers_away(),
        "zone": zone,
    }
    return list_response(
        request, "office/messages/list.html", MESSAGES.page(found, request.GET), form=form, context=context
    )


@require_safe
@operator_required
def message(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a message: who got it, why, what became of it, and what it says as long as that is kept."""
    row = get_object_or_404(_own(request).select_related("operator", "summary"), pk=pk)
    mark = unreachable(row.recipient)
    context = {
        "row": row,
        "kind": kind_of(row.template),
        "written": _written(row),
        "events": row.events.all(),
        "mark": mark,
        "can_clear": mark is not None and mark.outcome == MailOutcome.BOUNCED,
        "zone": scope_of(request.user).zone,
    }
    return render(request, "office/messages/message.html", context)


@require_safe
@xframe_options_sameorigin
@operator_required
def message_html(request: PersonRequest, pk: int) -> HttpResponse:
    """Answer with the HTML of a message, for a frame in which nothing runs."""
    written = _written(get_object_or_404(_own(request).select_related("operator"), pk=pk))
    return framed_mail(written.html if written else "")


@require_POST
@operator_required
def resend(request: PersonRequest, pk: int) -> HttpResponse:
    """Try a parked message again."""
    row = send_again(message=get_object_or_404(_parked(request), pk=pk), at=now())
    messages.success(
        request, _("The message to %(recipient)s is waiting to be sent again.") % {"recipient": row.recipient}
    )
    return redirect("office:messages")


@require_POST
@operator_required
def resend_all(request: PersonRequest) -> HttpResponse:
    """Try all parked messages again."""
    queued = send_all_again(messages=_parked(request), at=now())
    said = ngettext(
        "%(count)s message is waiting to be sent again.", "%(count)s messages are waiting to be sent again.", queued
    )
    messages.success(request, said % {"count": queued})
    return redirect("office:messages")


@require_POST
@operator_required
def reachable(request: PersonRequest, pk: int) -> HttpResponse:
    """Send mail again to the address of a message that came back; only its owner can say so after a complaint."""
    row = get_object_or_404(_own(request), pk=pk)
    mark = unreachable(row.recipient)
    if mark is not None and mark.outcome == MailOutcome.BOUNCED:
        clear_address(address=row.recipient, by=request.user, at=now())
        messages.success(request, _("We write to %(email)s again.") % {"email": row.recipient})
    return redirect("office:message", pk)


def _own(request: PersonRequest) -> QuerySet[Message]:
    return messages_of(operators_of(request.user, Role.ADMIN))


def _parked(request: PersonRequest) -> QuerySet[Message]:
    return stuck(_own(request))


def _written(row: Message) -> Written | None:
    """Return what a message says, in its language, without the secrets in its links.

    None when that is not kept, or opens an account.
    """
    kind = kind_of(row.template)
    if kind.opens_account or not row.context:
        return None
    try:
        with override(language_of(row, locale=reader_of(row).locale)):
            found = write(kind, row.context, sender=row.operator.name if row.operator else "", recipient=row.recipient)
    except Exception:  # noqa: BLE001 - it was parked because it can't be written
        return None
    return Written(redacted(found.subject), redacted(found.text), redacted(found.html))
