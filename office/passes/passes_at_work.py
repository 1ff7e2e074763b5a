"""Load passes, offers and companies for the pages of their operator's people."""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.access import PersonRequest, has_role
from accounts.models import Operator, Role
from common.errors import NotFoundError
from passes.access import load_company_at_work, load_offer_at_work, load_pass_at_work
from passes.models import Company, Pass, PassOffer


def get_pass(request: PersonRequest, code: str, role: str = Role.ATTENDANT) -> Pass:
    """Return a pass of the person's operator; raises Http404 (not theirs) or PermissionDenied (role too low)."""
    try:
        held = load_pass_at_work(request.user, code)
    except NotFoundError as error:
        raise Http404(error.message) from error
    _require(request, role, held.lot.operator)
    return held


def get_offer(request: PersonRequest, pk: int) -> PassOffer:
    """Return an offer that the person manages; raises Http404 (not theirs) or PermissionDenied (role too low)."""
    try:
        offer = load_offer_at_work(request.user, pk, Role.ATTENDANT)
    except NotFoundError as error:
        raise Http404(error.message) from error
    _require(request, Role.ADMIN, offer.operator)
    return offer


def get_company(request: PersonRequest, pk: int) -> Company:
    """Return a company that the person manages; raises Http404 (not theirs) or PermissionDenied (role too low)."""
    try:
        company = load_company_at_work(request.user, pk, Role.ATTENDANT)
    except NotFoundError as error:
        raise Http404(error.message) from error
    _require(request, Role.ADMIN, company.operator)
    return company


def _require(request: PersonRequest, role: str, operator: Operator) -> None:
    if role != Role.ATTENDANT and not has_role(request.user, role, operator):
        raise PermissionDenied
