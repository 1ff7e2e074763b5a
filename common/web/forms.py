"""What forms of all apps have in common."""

import re

from django.forms.forms import BaseForm

from common.errors import DomainError


def add_problem(form: BaseForm, error: DomainError) -> None:
    """Show a rule's refusal in a form: each wrong value at its field, what has none above them all.

    A place such as `holidays.extra[0]` belongs to the field with the longest name that begins it, `holidays_extra`.
    """
    homeless = not error.errors
    for problem in error.errors:
        place = re.sub(r"\W", "_", problem.path)
        field = max((name for name in form.fields if place.startswith(name)), key=len, default=None)
        form.add_error(field, _sentence(problem.message))
    if homeless:
        form.add_error(None, error.message)


def _sentence(message: str) -> str:
    """Make a sentence of what is said of a value, such as `is not a known timezone`."""
    if message.partition(" ")[0] in {"is", "must", "needs", "has"}:
        return f"This {message}."
    return f"{message[:1].upper()}{message[1:]}"
