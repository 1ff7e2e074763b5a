"""Loads tariffs and documents for the people who manage their lots, and cards for those who saved them."""

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.access import Person, PersonRequest
from accounts.models import Role, User
from billing.models import Document, SavedMethod, Tariff, TariffDraft
from common.errors import NotFoundError
from lots.access import get_managed_lot, lots_visible_to


def get_managed_tariff(request: PersonRequest, pk: int, role: str = Role.ADMIN) -> Tariff:
    """Return a tariff with its lot; answers 404 (not yours) or 403 (role too low)."""
    tariff = Tariff.objects.filter(pk=pk).select_related("lot").first()
    if tariff is None:
        raise Http404
    get_managed_lot(request, tariff.lot.slug, role)
    return tariff


def load_saved_card(person: User, pk: int) -> SavedMethod:
    """Return a card that a person has saved and not removed. Raises NotFoundError."""
    method = SavedMethod.objects.usable().filter(owner=person, pk=pk).first()
    if method is None:
        raise NotFoundError(_("You have no such card."))
    return method


def get_managed_draft(request: PersonRequest, pk: int) -> TariffDraft:
    """Return a draft with its lot and what it is published as; answers 404 (not yours) or 403 (role too low)."""
    draft = TariffDraft.objects.filter(pk=pk).select_related("lot", "published_as", "replaces").first()
    if draft is None:
        raise Http404
    get_managed_lot(request, draft.lot.slug, Role.ADMIN)
    return draft


def documents_at_work(person: Person, role: str = Role.ATTENDANT) -> QuerySet[Document]:
    """Return the documents of the lots at which a person has the role, the latest first."""
    return Document.objects.filter(lot__in=lots_visible_to(person, role)).select_related("operator", "lot", "about")
