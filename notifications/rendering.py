"""Writing a message: its subject, its text, and the same as HTML in the one layout of all mails."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template import Context, engines
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from notifications.attachments import attachments_of
from notifications.kinds import Kind, kind_of
from notifications.marks import MailBlock, as_text, blocks_of, cleaned, first_words
from notifications.models import Message
from notifications.unsubscribing import choices_link, unsubscribe_headers, unsubscribe_link

RAW = "raw"
"""The kind of a message that is already written: context `subject`, `text`, and the `site` whose links it has."""

LAYOUT = "mail/_layout.html"
_MESSAGE_IDS = uuid.uuid5(uuid.NAMESPACE_URL, "parking:outbox")


@dataclass(frozen=True, slots=True)
class Written:
    """A message in words."""

    subject: str
    text: str
    html: str


def render_message(message: Message, *, locale: str = "") -> EmailMultiAlternatives:
    """Return the email of a message as text and HTML, with its attachments, for a reader of a locale.

    It speaks the `language` of its context, else the installation's. Raises any error of its template or context.
    """
    kind = kind_of(message.template)
    with translation.override(language_of(message, locale=locale)):
        return _rendered(message, kind)


def language_of(message: Message, *, locale: str) -> str:
    """Return the language of a message: that of its context, else its reader's, else the installation's."""
    return str(message.context.get("language") or locale or settings.LANGUAGE_CODE)


def _rendered(message: Message, kind: Kind) -> EmailMultiAlternatives:
    written = write(kind, message.context, sender=_sender(message), recipient=message.recipient)
    attachments = attachments_of(message.template, message.context)
    headers = {"Message-ID": message_id(message), "Auto-Submitted": "auto-generated"}
    if not kind.essential:
        headers |= unsubscribe_headers(message.recipient, kind)
    email = EmailMultiAlternatives(
        subject=written.subject,
        body=written.text,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.recipient],
        headers=headers,
    )
    email.attach_alternative(written.html, "text/html")
    for attachment in attachments:
        email.attach(attachment.name, attachment.content, attachment.mime_type)
    return email


def write(kind: Kind, context: Mapping[str, Any], *, sender: str, recipient: str) -> Written:
    """Return a message of a kind in the active language; `sender` is the name on its head."""
    subject, blocks = write_blocks(kind, context)
    foot = _foot(kind, recipient)
    page = {
        "subject": subject,
        "sender": cleaned({"name": sender})["name"],
        "blocks": blocks,
        "foot": foot,
        "preview": first_words(blocks),
        "language": translation.get_language() or settings.LANGUAGE_CODE,
    }
    return Written(subject, as_text(blocks) + _foot_as_text(foot), render_to_string(LAYOUT, page))


def write_blocks(kind: Kind, context: Mapping[str, Any]) -> tuple[str, list[MailBlock]]:
    """Return the subject of a message and what it says, in the active language."""
    filled = cleaned(context, multiline=kind.multiline)
    if kind.name == RAW:
        subject, body, own = filled["subject"], filled["text"], filled.get("site") or settings.PUBLIC_URL
    else:
        subject, body = (_filled(f"mail/{kind.name}{end}", filled) for end in (".subject.txt", ".txt"))
        own = settings.PUBLIC_URL
    return " ".join(subject.split()), [_as_action(block) for block in blocks_of(body, own=own)]


def message_id(message: Message) -> str:
    """Return the Message-ID of every copy of a message, so that mail programs show a second copy once."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    return f"<{uuid.uuid5(_MESSAGE_IDS, message.key)}@{domain}>"


def _sender(message: Message) -> str:
    return message.operator.name if message.operator else _("Parking")


def _filled(template: str, context: Mapping[str, Any]) -> str:
    # Nothing is escaped here: the layout escapes whatever it shows.
    found: Any = engines["django"].get_template(template)
    return str(found.template.render(Context(dict(context), autoescape=False)))


def _as_action(block: MailBlock) -> MailBlock:
    """Return a paragraph that is nothing but a link as one to follow."""
    alone = block.lines[0] if block.kind == "text" and len(block.lines) == 1 else []
    if len(alone) == 1 and alone[0].address:
        return MailBlock("action", label=_("Open the page"), address=alone[0].address)
    return block


def _foot(kind: Kind, recipient: str) -> dict[str, str]:
    foot = {"why": str(kind.why)}
    if not kind.essential:
        foot |= {"stop": unsubscribe_link(recipient, kind), "choices": choices_link()}
    return foot


def _foot_as_text(foot: Mapping[str, str]) -> str:
    lines = ["", "-- ", foot["why"]]
    if "stop" in foot:
        lines += [_("Stop these emails: %(link)s") % {"link": foot["stop"]}]
        lines += [_("Choose what you are told: %(link)s") % {"link": foot["choices"]}]
    return "\n".join(lines) + "\n"
