"""What providers report about mails: by django-anymail, or signed by a mail server of one's own."""

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

from anymail.signals import AnymailTrackingEvent, tracking
from django.dispatch import receiver
from django.utils.crypto import constant_time_compare
from django.utils.timezone import now

from common.time import InvalidInstantError, parse_instant
from notifications.models import LONGEST_REFERENCE, MailOutcome
from notifications.reachability import Reported, keep_report

SIGNED = "signed"
"""The name of the provider whose reports we check by a signature of our own."""
FRESH_FOR = timedelta(minutes=5)
"""How old a signature may be."""
_OUTCOMES = {"delivered": MailOutcome.DELIVERED, "bounced": MailOutcome.BOUNCED, "complained": MailOutcome.COMPLAINED}
_REJECTED_FOR = {"bounced": MailOutcome.BOUNCED, "invalid": MailOutcome.BOUNCED, "spam": MailOutcome.COMPLAINED}


class BadReportError(Exception):
    """A report is not signed, its signature is too old, or it can't be read."""


@receiver(tracking)
def note_tracking(sender: Any, event: AnymailTrackingEvent, esp_name: str, **_: Any) -> None:  # noqa: ARG001 - Django's call
    """Keep what django-anymail read of a webhook that it has checked."""
    outcome = _OUTCOMES.get(event.event_type) or (
        _REJECTED_FOR.get(event.reject_reason or "") if event.event_type == "rejected" else None
    )
    if outcome is None or not event.recipient:
        return
    told = f"{event.message_id}:{event.event_type}:{event.recipient}:{event.timestamp}"
    keep_report(
        report=Reported(
            provider=esp_name.lower(),
            event_id=event.event_id or hashlib.sha256(told.encode(errors="replace")).hexdigest(),
            outcome=outcome,
            address=event.recipient,
            at=event.timestamp or now(),
            reference=event.message_id or "",
            said=event.mta_response or event.description or "",
        ),
        at=now(),
    )


def read_signed_report(body: bytes, signature: str, *, secret: str, at: datetime) -> Reported:
    """Return a report that is signed as `t=<seconds>,v1=<hex HMAC-SHA256 of "seconds.body">`. Raises BadReportError."""
    if not secret or not _is_signed(body, signature, secret, at):
        raise BadReportError
    try:
        told = json.loads(body)
        return Reported(
            provider=SIGNED,
            event_id=_text_of(told, "id"),
            outcome=_OUTCOMES[_text_of(told, "type")],
            address=_text_of(told, "address"),
            at=parse_instant(_text_of(told, "at"), path="at"),
            reference=str(told.get("message_id") or ""),
            said=str(told.get("reason") or ""),
        )
    except (ValueError, KeyError, TypeError, AttributeError, InvalidInstantError) as error:
        raise BadReportError from error


def _is_signed(body: bytes, signature: str, secret: str, at: datetime) -> bool:
    parts = dict(part.split("=", 1) for part in signature.split(",") if "=" in part)
    seconds = parts.get("t", "")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 12):  # noqa: PLR2004 - of more no number is made
        return False
    is_ours = constant_time_compare(parts.get("v1", ""), _digest(body, seconds, secret))
    return is_ours and abs(at.timestamp() - int(seconds)) <= FRESH_FOR.total_seconds()


def _digest(body: bytes, seconds: str, secret: str) -> str:
    return hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()


def _text_of(told: Any, name: str) -> str:
    value = told[name]
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_REFERENCE or "\0" in value:
        raise ValueError(name)
    return value
