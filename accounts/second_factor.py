"""Who needs a second factor before anything else, by the setting SECOND_FACTOR."""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import Role, User
from common.errors import ForbiddenError

ADMINS = "admins"
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
"""Recovery codes alone are none."""


class SecondFactorMissingError(ForbiddenError):
    """An admin's account has no second factor."""

    code = "second_factor_required"


def lacks_second_factor(person: User | AnonymousUser) -> bool:
    """Return whether a person must set up a second factor first: admins and people of the back office without one."""
    if settings.SECOND_FACTOR != ADMINS or not isinstance(person, User):
        return False
    is_admin = person.is_superuser or person.is_staff or person.menu_role == Role.ADMIN
    return is_admin and not has_second_factor(person)


def has_second_factor(person: User) -> bool:
    """Return whether a person has a second factor, whether or not the installation asks for one."""
    return bool(second_factors(person).exists())


def second_factors(person: User) -> QuerySet[Authenticator]:
    """Return the second factors of a person."""
    found: QuerySet[Authenticator] = Authenticator.objects.filter(user=person, type__in=FACTORS)
    return found
