"""Load passes, offers and companies for people: their own, their company's, or those of their operator."""

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.access import lot_ids_chosen_for, operators_of
from accounts.models import Role, User
from common.errors import NotFoundError
from passes.models import Company, Pass, PassOffer, PassQuerySet

_SHOWN = ("lot__operator", "company", "holder", "saved_method")


def passes_of(person: User) -> PassQuerySet:
    """Return a person's own passes, and those of the companies that the person manages."""
    managed = Company.objects.filter(managers__user=person).order_by().values("pk")
    return Pass.objects.filter(Q(holder=person) | Q(company__in=managed))


def passes_at_work(person: User, role: str = Role.ATTENDANT) -> PassQuerySet:
    """Return the passes of the operators at which a person has a role as a whole, and those for the person's lots."""
    chosen = Pass.lots.through.objects.filter(lot__in=lot_ids_chosen_for(person, role)).values("pass")
    return Pass.objects.filter(Q(lot__operator__in=operators_of(person, role)) | Q(pk__in=chosen))


def load_own_pass(person: User, code: str) -> Pass:
    """Return a pass that a person has or manages. Raises NotFoundError, also for others' passes."""
    return _found(passes_of(person), code)


def load_pass_at_work(person: User, code: str, role: str = Role.ATTENDANT) -> Pass:
    """Return a pass that a person sees at work. Raises NotFoundError."""
    return _found(passes_at_work(person, role), code)


def load_managed_company(person: User, pk: int) -> Company:
    """Return a company that a person manages. Raises NotFoundError."""
    company = Company.objects.select_related("operator").filter(pk=pk, managers__user=person).first()
    if company is None:
        raise NotFoundError(_("There is no such company."))
    return company


def load_company_at_work(person: User, pk: int, role: str = Role.ADMIN) -> Company:
    """Return a company of an operator at which a person has a role. Raises NotFoundError."""
    companies = Company.objects.filter(operator__in=operators_of(person, role)).select_related("operator")
    company = companies.filter(pk=pk).first()
    if company is None:
        raise NotFoundError(_("There is no such company."))
    return company


def load_offer_at_work(person: User, pk: int, role: str = Role.ADMIN) -> PassOffer:
    """Return an offer of an operator at which a person has a role. Raises NotFoundError."""
    offer = PassOffer.objects.filter(pk=pk, operator__in=operators_of(person, role)).select_related("operator").first()
    if offer is None:
        raise NotFoundError(_("There is no such pass."))
    return offer


def _found(passes: PassQuerySet, code: str) -> Pass:
    held = passes.select_related(*_SHOWN).filter(code=code).first() if "\0" not in code else None
    if held is None:
        raise NotFoundError(_("There is no such pass."))
    return held
