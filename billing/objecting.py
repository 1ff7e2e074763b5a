"""The mailed link by which a driver says that an automatic payment was not theirs; it needs no log-in."""

from datetime import datetime, timedelta

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _

from billing.models import Payment, PaymentState
from common.errors import NotFoundError

FOLDER = "not-me/"
AGREEMENTS_FOLDER = "me/automatic/"
"""Where drivers see and stop what they agreed to; gates, which write of it, have no pages."""
VALID_FOR = timedelta(days=30)
_signer = Signer(salt="billing.objection")


class ObjectionLinkGoneError(NotFoundError):
    """The link is forged or cut off, or the payment is too long ago."""

    code = "objection_link_gone"


def objection_link(payment: Payment) -> str:
    """Return the whole address of the page on which a driver can object to an automatic payment."""
    return f"{settings.PUBLIC_URL}/{FOLDER}{objection_token(payment)}/"


def objection_token(payment: Payment) -> str:
    """Return the signed name of an automatic payment; nobody can guess that of another."""
    return str(_signer.sign_object(payment.pk))


def payment_of_token(token: str, *, at: datetime) -> Payment:
    """Return the payment that a link names, with its agreement and lot. Raises ObjectionLinkGoneError."""
    gone = ObjectionLinkGoneError(
        _("This link doesn't work any more. Sign in to see your automatic payments, or ask the operator.")
    )
    try:
        pk = _signer.unsign_object(token)
    except (BadSignature, ValueError):
        raise gone from None
    charged = Payment.objects.filter(automatic__isnull=False, state=PaymentState.CAPTURED)
    payment = charged.select_related("automatic", "charge__lot__operator").filter(pk=pk).first()
    if payment is None or payment.finished_at is None or at > payment.finished_at + VALID_FOR:
        raise gone
    return payment
