"""Mails a document with its PDF, in the transaction that issues it or when somebody asks for it again."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import get_language, override

from billing.documents.numbering import Draft
from billing.documents.showing import shown
from billing.models import Document
from lots.displays import languages_for
from notifications.attachments import Attachment, register_attachment
from notifications.models import Message
from notifications.services import new_message, queue_messages

TEMPLATE = "document"


def _as_pdf(context: Mapping[str, Any]) -> Attachment:
    # The PDF library is slow to import, and most processes never need it.
    from billing.documents.einvoice import is_einvoice, with_data
    from billing.documents.pdf import page_pdf

    document = Document.objects.get(operator=context["operator"], number=context["number"])
    page = page_pdf(context)
    return with_data(document, page) if is_einvoice(document) else page


register_attachment(TEMPLATE, _as_pdf)


def queue_documents(issued: Iterable[tuple[Document, Draft]]) -> None:
    """Queue documents to the addresses of their drafts, without plate and links where they are to be hidden."""
    wanted = [(document, draft, address) for document, draft in issued for address in sorted(draft.mail_to)]
    if not wanted:
        return
    languages = languages_for({address for _, _, address in wanted}, {draft.lot for _, draft, _ in wanted})
    messages = []
    for document, draft, address in wanted:
        with override(languages[address, draft.lot]):
            messages.append(_message(document, address, "issued", hidden=draft.mail_to[address], at=draft.at))
    queue_messages(messages)


def send_document(document: Document, *, address: str, occasion: str, at: datetime) -> Message:
    """Queue a document to an address that somebody at its operator gave; the same `occasion` sends it once."""
    with override(languages_for([address], [document.lot_id])[address, document.lot_id]):
        message = _message(document, address, occasion, hidden=False, at=at)
    queue_messages([message])
    return Message.objects.get(key=message.key)


def _message(document: Document, address: str, occasion: str, *, hidden: bool, at: datetime) -> Message:
    digest = hashlib.sha256(address.encode()).hexdigest()[:16]
    return new_message(
        key=f"document:{document.pk}:{digest}:{occasion}"[:120],
        operator_id=document.operator_id,
        recipient=address,
        template=TEMPLATE,
        context=shown(document, hidden=hidden) | {"language": get_language()},
        at=at,
    )
