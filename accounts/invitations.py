"""Invitations: an offer of a role by mail, and the membership that begins when the invited person accepts."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Invitation, Membership, Merchant, Operator, Role, User
from accounts.ownership import account_of, give_account
from common.errors import ConflictError, FieldError, ForbiddenError, InvalidValueError, NotFoundError

VALID_FOR = dt.timedelta(days=7)
ONE_SUBMIT = dt.timedelta(minutes=1)
"""In which the same invitation again is a form that was submitted twice."""

_MAILED, _COPIED = Signer(salt="accounts.invitation"), Signer(salt="accounts.invitation.copied")


class MemberExistsError(ConflictError):
    """The person works for this operator already."""

    code = "member_exists"


class InvitationGoneError(NotFoundError):
    """The invitation was accepted, withdrawn or replaced, is too old, or never was."""

    code = "invitation_gone"


class WrongAccountError(ForbiddenError):
    """Only the account that has the invited address may accept."""

    code = "wrong_account"


@transaction.atomic
def new_invitation(  # noqa: PLR0913 - the facts of one row
    *,
    operator: Operator,
    email: str,
    role: str,
    at: dt.datetime,
    by: User,
    merchant: Merchant | None = None,
    lot_ids: Sequence[int] | None = None,
) -> Invitation:
    """Offer a role to an address; a waiting invitation is replaced, so that only the last link works.

    A validator's is for a `merchant`, anybody else's for the lots with the keys `lot_ids`, which the caller has seen to
    be the operator's (None: for all). Idempotent for ONE_SUBMIT. Raises MemberExistsError, InvalidValueError.
    """
    if lot_ids is not None and not lot_ids:
        raise InvalidValueError(_("Choose at least one lot."), path="lots")
    lots = None if lot_ids is None else sorted(lot_ids)
    email = email.strip().lower()
    Operator.objects.select_for_update().get(pk=operator.pk)
    own = Q(user__emailaddress__email__iexact=email, user__emailaddress__verified=True)
    if operator.memberships.filter(Q(user__email=email) | own).exists():
        message = _("This person works here already; change the role in the list.")
        raise MemberExistsError(message, errors=[FieldError("email", message)])
    offer = {
        "role": Role(role),
        "merchant": merchant,
        "lot_ids": lots,
        "invited_by": by,
        "invited_at": at,
        **_fresh(at),
    }
    waiting = operator.invitations.waiting().filter(email=email)
    same = waiting.filter(role=role, merchant=merchant, lot_ids=lots)
    just_now = same.filter(expires_at__gt=at + VALID_FOR - ONE_SUBMIT).first()
    if just_now is not None:
        return just_now
    if not waiting.update(**offer):
        return Invitation.objects.create(operator=operator, email=email, **offer)
    return waiting.get()


@transaction.atomic
def renew_invitation(*, invitation: Invitation, at: dt.datetime) -> Invitation:
    """Renew the link and the expiry of a waiting invitation. Raises InvitationGoneError."""
    invitation = _locked(invitation)
    for name, value in _fresh(at).items():
        setattr(invitation, name, value)
    invitation.save(update_fields=["nonce", "expires_at"])
    return invitation


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, at: dt.datetime) -> None:
    """Withdraw an invitation, unless it was accepted. Idempotent."""
    Invitation.objects.waiting().filter(pk=invitation.pk).update(withdrawn_at=at)


@dataclass(frozen=True, slots=True)
class FoundInvitation:
    """A waiting invitation, and whether its link was `mailed`: only that proves whose the address is."""

    invitation: Invitation
    mailed: bool


def token_of(invitation: Invitation) -> str:
    """Return the signed part of the mailed link that accepts an invitation."""
    return _MAILED.sign_object([invitation.pk, invitation.nonce])


def copied_token_of(invitation: Invitation) -> str:
    """Return the signed part of a link that may be copied: it opens no account, as it proves no address."""
    return _COPIED.sign_object([invitation.pk, invitation.nonce])


def find_invitation(token: str, *, at: dt.datetime) -> FoundInvitation:
    """Return the waiting invitation that a link is for. Raises InvitationGoneError for any other link."""
    for signer in (_MAILED, _COPIED):
        try:
            pk, nonce = signer.unsign_object(token)
        except (BadSignature, ValueError):
            continue
        return FoundInvitation(_waiting(pk, nonce, at), mailed=signer is _MAILED)
    raise _gone()


def _waiting(pk: int, nonce: str, at: dt.datetime) -> Invitation:
    waiting = Invitation.objects.waiting().filter(pk=pk, nonce=nonce, expires_at__gt=at)
    found = waiting.select_related("operator", "invited_by", "merchant").first()
    if found is None:
        raise _gone()
    return found


@transaction.atomic
def accept_invitation(
    *, invitation: Invitation, at: dt.datetime, account: User | None = None, password: str | None = None
) -> Membership:
    """Begin the membership of the person who holds the link.

    `account` is the signed-in one and must own the invited address; without such an account one is created with
    `password`, which the caller allows for a mailed link alone. A person who has become a member meanwhile keeps that
    role. Raises InvitationGoneError and WrongAccountError.
    """
    invitation = _locked(invitation, nonce=invitation.nonce, expires_at__gt=at)
    owner = account_of(invitation.email)
    if owner is None and password is None:
        raise WrongAccountError(_("Choose a password to accept."))
    if owner is not None and owner != account:
        raise WrongAccountError(_("Sign in as %(email)s to accept.") % {"email": invitation.email})
    invitation.accepted_at = at
    invitation.save(update_fields=["accepted_at"])
    person = owner or give_account(email=invitation.email, password=password)
    membership, _is_new = Membership.objects.get_or_create(
        user=person,
        operator=invitation.operator,
        defaults={
            "role": invitation.role,
            "merchant": invitation.merchant,
            "lot_ids": invitation.lot_ids,
            "since": at,
        },
    )
    return membership


def _fresh(at: dt.datetime) -> dict[str, object]:
    return {"nonce": secrets.token_urlsafe(16), "expires_at": at + VALID_FOR}


def _locked(invitation: Invitation, **still: object) -> Invitation:
    waiting = Invitation.objects.waiting().select_for_update(of=("self",)).select_related("operator")
    found = waiting.filter(pk=invitation.pk, **still).first()
    if found is None:
        raise _gone()
    return found


def _gone() -> InvitationGoneError:
    return InvitationGoneError(_("This invitation no longer works."))
