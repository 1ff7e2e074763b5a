"""Fiscal signatures, where a country demands that each document of a till is signed.

`FISCAL_PROVIDER` is the dotted path of a class with the methods of `FiscalProvider`; without one nothing is signed.
Documents are signed right after they are issued, and by a worker when the signing unit was away.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Protocol

import structlog
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from billing.models import Document

FISCAL_SECONDS = 3.0
BATCH = 100

logger = structlog.get_logger(__name__)


class FiscalUnavailableError(Exception):
    """The signing unit did not answer; the document is offered again later."""


class FiscalProvider(Protocol):
    """Signs documents, once each."""

    def sign(self, number: str, content: dict[str, Any], digest: str, *, timeout: float) -> dict[str, Any]:
        """Return the signature as JSON, to be stored with the document; `text` in it is printed.

        `digest` is the document's hash: the same one gets its first signature. Raises FiscalUnavailableError.
        """


def is_fiscal() -> bool:
    """Return whether documents are signed."""
    return bool(settings.FISCAL_PROVIDER)


@cache
def _provider(path: str) -> FiscalProvider:
    provider: FiscalProvider = import_string(path)()
    return provider


def sign_documents(keys: Sequence[int] | None = None) -> int:
    """Sign the documents with these keys, or the oldest unsigned ones, and return how many.

    Stops at the first that can't be signed now, so that they are signed in their order. No lock is held meanwhile.
    """
    rows = Document.objects.to_sign()
    signed = 0
    for document in rows.filter(pk__in=keys) if keys is not None else rows[:BATCH]:
        if not _sign(document):
            break
        signed += 1
    return signed


def _sign(document: Document) -> bool:
    provider = _provider(settings.FISCAL_PROVIDER)
    try:
        signature = provider.sign(document.number, document.content, document.hash, timeout=FISCAL_SECONDS)
    except FiscalUnavailableError as error:
        logger.warning("document_not_signed", document=document.number, error=repr(error))
        return False
    except Exception:
        # A signing unit's library may raise anything; the document is then offered again.
        logger.exception("document_not_signed", document=document.number)
        return False
    with transaction.atomic():
        Document.objects.filter(pk=document.pk, signature__isnull=True).update(
            signature=signature, awaits_signature=False
        )
    return True
