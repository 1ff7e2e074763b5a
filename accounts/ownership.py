"""Whose an e-mail address is: the account that has verified it, or nobody's yet.

Anybody can sign up with anybody's address. Until they have followed the link that is mailed there, what they brought
(password, sessions, second factor, further addresses) counts for nothing once the owner of the mailbox comes.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction

from accounts.models import User


def account_of(email: str) -> User | None:
    """Return the account that must be signed in to as this address: the one that has verified it.

    A back office account and one that was shut out are their own, too, whether they have verified it or not.
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
    """Give the proven owner of an address its account, with this password or none yet.

    Only for an address that `account_of` finds no account for. What an unverified account of this address brought is
    removed; one that has verified another address keeps that and loses its claim on this one.
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
    """Remove every way into an account but its password: sessions (and the tokens they carry), factors, addresses."""
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
