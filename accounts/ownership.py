"""Ownership of email addresses: an address belongs to the account that has verified it.

Anybody can sign up with any address. Until the mailed link is followed, the account's password, sessions, second factor
and further addresses are removed when the owner of the mailbox comes.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction

from accounts.models import User


def account_of(email: str) -> User | None:
    """Return the account that owns an address: the one that has verified it.

    Back-office accounts and deactivated ones own their address even unverified.
    """
    email = email.strip().lower()
    verified = EmailAddress.objects.select_related("user").filter(email__iexact=email, verified=True).first()
    if verified is not None:
        owner: User = verified.user
        return owner
    named = User.objects.filter(email=email).first()
    return named if named and (named.is_staff or named.is_superuser or not named.is_active) else None


@transaction.atomic
def give_account(*, email: str, password: str | None) -> User:
    """Return an account for the proven owner of an address, with this password or none yet.

    Only for an address without an owner (`account_of`). An unverified account of this address loses its ways in; one
    that has verified another address keeps that and loses this one.
    """
    email = email.strip().lower()
    user = _released(User.objects.select_for_update().filter(email=email).first())
    if user is None:
        user = User.objects.create_user(email, password)
    else:
        end_access(user)
        user.set_password(password)
        user.save(update_fields=["password"])
    EmailAddress.objects.filter(email__iexact=email).delete()
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def end_access(user: User) -> None:
    """Remove every way into an account except its password: sessions (and their tokens), factors, addresses."""
    for session in UserSession.objects.filter(user=user):
        session.end()
    Authenticator.objects.filter(user=user).delete()
    EmailAddress.objects.filter(user=user).delete()


def _released(user: User | None) -> User | None:
    other = EmailAddress.objects.filter(user=user, verified=True).first() if user else None
    if user is None or other is None:
        return user
    user.email = other.email.lower()
    user.save(update_fields=["email"])
    return None
