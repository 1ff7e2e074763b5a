"""Cards that drivers let a provider keep: added on the provider's page, removed at once."""

import uuid
from datetime import datetime

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import CardSetup, SavedMethod
from billing.providers import (
    CardReference,
    ProviderTimeoutError,
    ProviderUnavailableError,
    default_provider,
    provider_named,
)
from billing.queries import PROVIDER_SECONDS
from common.db.sealed_fields import hashes_in
from common.errors import DomainError

logger = structlog.get_logger(__name__)


class CardNotSavedError(DomainError):
    """The provider could not be asked to save a card."""

    code = "card_not_saved"
    status = 502


def start_card_setup(*, owner: User, return_url: str, at: datetime) -> CardSetup:
    """Return a set-up with the page on which its owner enters the card; `{reference}` in `return_url` is its key.

    Must not be called inside a transaction. Raises NoProviderError, CardNotSavedError.
    """
    name, provider = default_provider()
    setup = CardSetup.objects.create(owner=owner, provider=name, reference=f"setup-{uuid.uuid4().hex}", created_at=at)
    back = return_url.replace("{reference}", setup.reference)
    try:
        prepared = provider.start_saving(
            setup.reference, return_url=back, owner=f"driver-{owner.pk}", timeout=PROVIDER_SECONDS
        )
    except Exception as error:
        # A provider's own library may raise anything; the driver may try again, nothing was saved.
        logger.exception("card_setup_not_started", setup=setup.pk, provider=name)
        setup.finished_at = at
        setup.save(update_fields=["finished_at"])
        raise CardNotSavedError(_("Cards can’t be saved at the moment. Please try again soon.")) from error
    setup.provider_reference = prepared.provider_reference
    setup.page_url, setup.page_until = prepared.page_url, prepared.page_until
    setup.save(update_fields=["provider_reference", "page_url", "page_until"])
    return setup


def finish_card_setup(*, setup: CardSetup, at: datetime) -> SavedMethod | None:
    """Ask the provider for the card of a set-up and return it as the driver's; None when none was saved so far.

    A set-up whose page has closed is over. The same card saved twice is one. Must not be called inside a transaction;
    safe to call twice.
    """
    if setup.finished_at is not None:
        return setup.saved_method
    card = CardReference(setup.reference, setup.provider_reference)
    try:
        saved = provider_named(setup.provider).saved_card(card, timeout=PROVIDER_SECONDS)
    except (ProviderTimeoutError, ProviderUnavailableError) as error:
        logger.warning("card_setup_not_finished", setup=setup.pk, error=repr(error))
        return None
    if saved is None and setup.page_until is not None and setup.page_until > at:
        return None
    with transaction.atomic():
        setup = CardSetup.objects.select_for_update(of=("self",)).select_related("owner").get(pk=setup.pk)
        if setup.finished_at is None:
            setup.finished_at = at
            setup.saved_method = _kept(setup, saved.token, saved.label, at) if saved else None
            setup.save(update_fields=["finished_at", "saved_method"])
    return setup.saved_method


def _kept(setup: CardSetup, token: str, label: str, at: datetime) -> SavedMethod:
    # Whose account was deleted while the card was on its way has it dropped again.
    removed = at if setup.owner.deleted_at else None
    hashes = hashes_in(SavedMethod, "reference_hash", token)
    of_card = {"owner_id": setup.owner_id, "provider": setup.provider, "removed_at": removed}
    known = SavedMethod.objects.filter(**of_card, reference_hash__in=hashes).first()
    if known is not None:
        return known
    kept, _ = SavedMethod.objects.get_or_create(
        **of_card,
        reference_hash=hashes[0],
        defaults={"reference": token, "label": "" if removed else label, "created_at": at},
    )
    return kept


def remove_saved_method(*, method: SavedMethod, at: datetime) -> SavedMethod:
    """Remove a card, which is never charged from then on, and have its provider drop it. Idempotent."""
    if method.removed_at is None:
        method.removed_at = at
        method.save(update_fields=["removed_at"])
    return forget_removed_method(method=method, at=at)


def forget_removed_method(*, method: SavedMethod, at: datetime) -> SavedMethod:
    """Have the provider drop a removed card; while it is away, the task tries again."""
    if method.removed_at is None or method.forgotten_at is not None:
        return method
    try:
        provider_named(method.provider).forget(method.reference, timeout=PROVIDER_SECONDS)
    except Exception:
        # A provider's own library may raise anything; the card is not charged any more anyway.
        logger.exception("saved_method_not_forgotten", method=method.pk, provider=method.provider)
        return method
    method.forgotten_at = at
    method.save(update_fields=["forgotten_at"])
    return method
