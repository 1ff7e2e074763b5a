"""Render a queued message as an email."""

import uuid
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils.translation import override

from notifications.attachments import attachments_of
from notifications.models import Message

RAW = "raw"
"""The template of a message that is already written: context `subject`, `text` and optional `html`."""

_MESSAGE_IDS = uuid.uuid5(uuid.NAMESPACE_URL, "parking:outbox")


def render_message(message: Message) -> EmailMultiAlternatives:
    """Return the email of a message: text, HTML where there is a template for it, and its attachments.

    It speaks the `language` of its context, else the installation's. Raises any error of its template or context.
    """
    with override(message.context.get("language") or settings.LANGUAGE_CODE):
        return _rendered(message)


def _rendered(message: Message) -> EmailMultiAlternatives:
    subject, text, html = _raw_parts(message) if message.template == RAW else _template_parts(message)
    email = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.recipient],
        headers={"Message-ID": message_id(message), "Auto-Submitted": "auto-generated"},
    )
    if html:
        email.attach_alternative(html, "text/html")
    for attachment in attachments_of(message.template, message.context):
        email.attach(attachment.name, attachment.content, attachment.mime_type)
    return email


def message_id(message: Message) -> str:
    """Return the Message-ID of every copy of a message, so that mail programs show a second copy once."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{uuid.uuid5(_MESSAGE_IDS, message.key)}@{domain}>"


def _raw_parts(message: Message) -> tuple[str, str, str]:
    context = message.context
    return context["subject"], context["text"], context.get("html", "")


def _template_parts(message: Message) -> tuple[str, str, str]:
    name = f"mail/{message.template}"
    subject, text = (render_to_string(f"{name}{end}", message.context) for end in (".subject.txt", ".txt"))
    try:
        return subject, text, render_to_string(f"{name}.html", message.context)
    except TemplateDoesNotExist:
        return subject, text, ""
