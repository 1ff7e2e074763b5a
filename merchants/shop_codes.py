"""The code of a shop that drivers scan: signed, and good for one day."""

import datetime as dt

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _

from common.errors import NotFoundError
from lots.calendar import local_day
from lots.models import Lot
from merchants.models import ValidationType

FOLDER = "v/"
"""Where the links of shops' codes lie below the site."""
_signer = Signer(salt="merchants.shop_code")


class ShopCodeError(NotFoundError):
    """The code is of another day, was made up, or its validation is not offered any more."""

    code = "shop_code"


def code_of_day(kind: ValidationType, *, at: dt.datetime) -> str:
    """Return the signed code by which drivers take a validation today, by the day of the shop's first lot."""
    return _signer.sign_object([kind.pk, _day(kind, at).isoformat()], compress=False)


def link_of_day(kind: ValidationType, *, at: dt.datetime) -> str:
    """Return the link that the shop shows today."""
    return f"{settings.PUBLIC_URL}/{FOLDER}{code_of_day(kind, at=at)}/"


def type_of_code(signed: str, *, at: dt.datetime) -> ValidationType:
    """Return what a scanned code gives. Raises ShopCodeError, also for yesterday's."""
    try:
        pk, day = _signer.unsign_object(signed)
    except (BadSignature, ValueError, TypeError) as error:
        raise _worthless() from error
    kind = ValidationType.objects.offered().filter(pk=pk, by_code=True).select_related("merchant__operator").first()
    if kind is None or day != _day(kind, at).isoformat():
        raise _worthless()
    return kind


def _day(kind: ValidationType, at: dt.datetime) -> dt.date:
    lot = Lot.objects.filter(merchant_places__merchant=kind.merchant_id).order_by("merchant_places__id").first()
    if lot is None:
        raise _worthless()
    return local_day(lot, at)


def _worthless() -> ShopCodeError:
    return ShopCodeError(_("This code is not valid today. Ask the shop to show the one of today."))
