"""People who are set up from the command line, with an email address that counts as verified."""

from allauth.account.models import EmailAddress
from django.db import transaction

from accounts.models import STAFF, Membership, Operator, User
from accounts.ownership import account_of, give_account
from common.errors import DomainError, NotFoundError

DRIVER = "driver"
ROLES = (*(role.value for role in STAFF), DRIVER)


class RoleError(DomainError):
    """The role and the operator don't go together."""

    code = "role_and_operator"


@transaction.atomic
def set_up_person(*, email: str, role: str, operator: str | None = None, password: str | None = None) -> User:
    """Create the person `email`, or bring the one there is to this role and password.

    Without a password an existing one stays. An account that only claimed the address, without having verified it, is
    nobody's: its password and sessions end. A person who becomes a driver keeps no membership; one without an
    `operator` slug joins the only operator there is. Raises RoleError and NotFoundError.
    """
    employer = _employer(role, operator)
    user = account_of(email)
    if user is None:
        user = give_account(email=email, password=password)
    elif password is not None:
        user.set_password(password)
        user.save(update_fields=["password"])
    if not EmailAddress.objects.filter(user=user, verified=True).exists():
        EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    if employer is None:
        Membership.objects.filter(user=user).delete()
    else:
        Membership.objects.update_or_create(
            user=user, operator=employer, defaults={"role": role, "merchant": None, "lot_ids": None}
        )
    return user


def _employer(role: str, slug: str | None) -> Operator | None:
    """Find the operator that `role` is held at; a driver has none."""
    if role == DRIVER:
        if slug:
            raise RoleError("A driver belongs to no operator: leave --operator out.")
        return None
    if slug:
        found = Operator.objects.filter(slug=slug).first()
        if found is None:
            raise NotFoundError(f"There is no operator {slug!r}. {_operators_known()}")
        return found
    operators = list(Operator.objects.all()[:2])
    if len(operators) != 1:
        raise RoleError(f"The role {role} needs --operator SLUG. {_operators_known()}")
    return operators[0]


def _operators_known() -> str:
    slugs = ", ".join(Operator.objects.values_list("slug", flat=True))
    return f"Known operators: {slugs}." if slugs else "There are none yet: import a site first."
