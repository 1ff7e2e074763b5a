"""What people say of themselves: name, phone, address, and how times and numbers are written for them."""

from collections.abc import Mapping

from accounts.models import User
from common.phones import parse_phone


def change_profile(*, person: User, values: Mapping[str, str]) -> User:
    """Change the fields of a person's profile that are named in `values`; an empty phone is none. Raises PhoneError."""
    values = dict(values)
    if values.get("phone"):
        values["phone"] = parse_phone(values["phone"])
    for name, value in values.items():
        setattr(person, name, value)
    person.save(update_fields=list(values))
    return person
