"""Forms of all faces: rules that refused, shown at the fields they name."""

import re

from django.forms.forms import BaseForm
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.translation import translated


def add_problem(form: BaseForm, error: DomainError) -> None:
    """Show a refusal in a form: each wrong value at its field, what names none above all fields.

    A place such as `holidays.extra[0]` belongs to the field with the longest name that begins it, `holidays_extra`.
    """
    homeless = not error.errors
    for problem in error.errors:
        place = re.sub(r"\W", "_", problem.path)
        field = max((name for name in form.fields if place.startswith(name)), key=len, default=None)
        form.add_error(field, _sentence(problem.message))
    if homeless:
        form.add_error(None, translated(error.message))


def _sentence(message: str) -> str:
    """Return a sentence about a value, also where a rule says only its predicate, such as `is not a known field`."""
    text = translated(message)
    if message.partition(" ")[0] in {"is", "must", "needs", "has"}:
        return _("This %(message)s.") % {"message": text}
    return f"{text[:1].upper()}{text[1:]}"
