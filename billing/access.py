"""Loads tariffs for the people who manage their lots."""

from django.http import Http404

from accounts.access import PersonRequest
from accounts.models import Role
from billing.models import Tariff, TariffDraft
from lots.access import get_managed_lot


def get_managed_tariff(request: PersonRequest, pk: int, role: str = Role.ADMIN) -> Tariff:
    """Return a tariff with its lot; answers 404 (not yours) or 403 (role too low)."""
    tariff = Tariff.objects.filter(pk=pk).select_related("lot").first()
    if tariff is None:
        raise Http404
    get_managed_lot(request, tariff.lot.slug, role)
    return tariff


def get_managed_draft(request: PersonRequest, pk: int) -> TariffDraft:
    """Return a draft with its lot and what it is published as; answers 404 (not yours) or 403 (role too low)."""
    draft = TariffDraft.objects.filter(pk=pk).select_related("lot", "published_as", "replaces").first()
    if draft is None:
        raise Http404
    get_managed_lot(request, draft.lot.slug, Role.ADMIN)
    return draft
