"""Companies and the people who manage their passes."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Operator, User
from accounts.ownership import account_of
from common.db.constraints import refused_by
from common.errors import InvalidValueError
from passes.models import Company, CompanyManager


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyWish:
    """What is known of a company."""

    name: str
    email: str
    address: str = ""
    tax_id: str = ""


def make_company(*, operator: Operator, wish: CompanyWish, at: datetime) -> Company:
    """Write a company that is to have passes of an operator. Raises InvalidValueError for a name that is taken."""
    return _written(Company(operator=operator, created_at=at), wish)


def change_company(*, company: Company, wish: CompanyWish) -> Company:
    """Change what is known of a company. Raises InvalidValueError for a name that is taken."""
    return _written(company, wish)


@transaction.atomic
def archive_company(*, company: Company, at: datetime) -> Company:
    """Hide a company from the lists; its passes stay as they are. Idempotent."""
    if company.archived_at is None:
        company.archived_at = at
        company.save(update_fields=["archived_at"])
    return company


@transaction.atomic
def add_manager(*, company: Company, email: str, by: User, at: datetime) -> CompanyManager:
    """Let the person who has proven this address manage a company's passes. Idempotent.

    Anybody can sign up with any address, so one that is not confirmed counts for nobody. Raises InvalidValueError.
    """
    user = account_of(email)
    if user is None or not user.is_active:
        message = _("Nobody has confirmed an account with this address. Ask them to sign up first.")
        raise InvalidValueError(message, path="email")
    manager, _is_new = CompanyManager.objects.get_or_create(
        company=company, user=user, defaults={"added_at": at, "added_by": by}
    )
    return manager


@transaction.atomic
def remove_manager(*, manager: CompanyManager) -> None:
    """Take the management of a company from a person. Idempotent."""
    CompanyManager.objects.filter(pk=manager.pk).delete()


def _written(company: Company, wish: CompanyWish) -> Company:
    for name, value in asdict(wish).items():
        setattr(company, name, value.strip())
    if not company.name:
        raise InvalidValueError(_("Give the company a name."), path="name")
    taken = InvalidValueError(_("There is a company with this name already."), path="name")
    with refused_by("company_name_once_per_operator", taken):
        company.save()
    return company
