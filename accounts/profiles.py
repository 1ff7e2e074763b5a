"""What people say of themselves: name, phone, address, and how times and numbers are written for them."""

import re
from collections.abc import Mapping

from django.utils.translation import gettext as _

from accounts.models import PHONE, User
from common.errors import DomainError, FieldError

_BETWEEN = re.compile(r"[\s()./\-\u2010-\u2015]")


class PhoneError(DomainError):
    """The text is no phone number with its country's code."""

    code = "invalid_phone"


def change_profile(*, person: User, values: Mapping[str, str]) -> User:
    """Change the fields of a person's profile that are named in `values`. Raises PhoneError."""
    values = dict(values)
    if "phone" in values:
        values["phone"] = normalised_phone(values["phone"])
    for name, value in values.items():
        setattr(person, name, value)
    person.save(update_fields=list(values))
    return person


def normalised_phone(typed: str) -> str:
    """Return a phone number as it is kept (E.164), empty for none. Raises PhoneError.

    Spaces, dashes, dots and brackets are dropped, and 00 counts as +.
    """
    bare = _BETWEEN.sub("", typed.replace("(0)", "").strip())
    if not bare:
        return ""
    bare = f"+{bare[2:]}" if bare.startswith("00") else bare
    if not re.match(PHONE, bare):
        message = _("Enter a phone number with + and the country’s code, such as +41 79 123 45 67.")
        raise PhoneError(message, errors=[FieldError("phone", message)])
    return bare
