"""Forms of all faces: rules that refused, shown at the fields they name."""

import re

from django.forms.forms import BaseForm
from django.utils.translation import gettext as _

from common.errors import DomainError
from common.translation import translated


def refuse(form: BaseForm, error: DomainError) -> None:
    """Show a refusal in a form: each wrong value at its field, what names no field that people see above all fields.

    A place such as `holidays.extra[0]` belongs to the field with the longest name that begins it, `holidays_extra`. A
    field that said before what is wrong with it says no more.
    """
    if not error.errors:
        form.add_error(None, translated(error.message))
    wrong_before = set(form.errors)
    for problem in error.errors:
        place = re.sub(r"\W", "_", problem.path)
        field = max((name for name in form.fields if place.startswith(name)), key=len, default=None)
        if field not in wrong_before:
            shown = field is not None and not form[field].is_hidden
            form.add_error(field if shown else None, as_sentence(problem.message))


def as_sentence(message: str) -> str:
    """Return a sentence about a value, also where a rule says only its predicate, such as `is not a known field`."""
    text = translated(message)
    if message.partition(" ")[0] in {"is", "must", "needs", "has"}:
        return _("This %(message)s.") % {"message": text}
    return f"{text[:1].upper()}{text[1:]}"
