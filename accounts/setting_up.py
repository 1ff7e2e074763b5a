"""The first operator of an installation and its admin, made by a code that only who runs the machine can read."""

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Operator, Role, SetupCode, User
from accounts.ownership import account_of
from accounts.people import set_up_person
from accounts.services import create_operator
from common.errors import ConflictError, DomainError, FieldError, NotFoundError

_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_LENGTH, _GROUP = 12, 4


class SetUpAlreadyError(NotFoundError):
    """The installation has an operator, or no code was made for it."""

    code = "set_up_already"


class WrongSetupCodeError(DomainError):
    """This is not the code that was printed last."""

    code = "wrong_setup_code"


class AccountExistsError(ConflictError):
    """Somebody has an account with this address, whose password a setup code must not change."""

    code = "account_exists"


def awaits_first_operator() -> bool:
    """Return whether the installation has no operator yet."""
    return not Operator.objects.exists()


def renew_setup_code(*, at: dt.datetime) -> str | None:
    """Make a code for the first operator and return it; earlier ones no longer work. None once there is an operator.

    Only its hash is stored. It has 58 random bits and tries are limited, so a plain SHA-256 is enough.
    """
    if not awaits_first_operator():
        return None
    code = "".join(secrets.choice(_LETTERS) for _number in range(_LENGTH))
    SetupCode.objects.update_or_create(is_only=True, defaults={"code_hash": _hash(code), "made_at": at})
    return "-".join(code[first : first + _GROUP] for first in range(0, _LENGTH, _GROUP))


@transaction.atomic
def set_up_installation(*, code: str, values: Mapping[str, Any], email: str, password: str) -> User:
    """Make the first operator from values by field name, and return its first admin, whose address counts as verified.

    The code's row is the lock: of two people at once the second finds it gone. Raises SetUpAlreadyError,
    WrongSetupCodeError or AccountExistsError.
    """
    kept = SetupCode.objects.select_for_update().first()
    if kept is None or not awaits_first_operator():
        raise SetUpAlreadyError(_("This installation is set up already. Sign in."))
    if not secrets.compare_digest(bytes(kept.code_hash), _hash(code)):
        message = _("This is not the code that was printed last.")
        raise WrongSetupCodeError(message, errors=[FieldError("code", message)])
    if account_of(email) is not None:
        message = _("There is an account with this address. Use another address.")
        raise AccountExistsError(message, errors=[FieldError("email", message)])
    kept.delete()
    operator = create_operator(slug=slugify(values["name"])[:60] or "operator", values=values)
    return set_up_person(email=email, role=Role.ADMIN, operator=operator.slug, password=password)


def _hash(code: str) -> bytes:
    letters = "".join(one for one in code.upper() if one.isalnum())
    return hashlib.sha256(letters.encode()).digest()
