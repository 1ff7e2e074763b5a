"""Forms of all faces: rules that refused, shown at the fields they name."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms.forms import BaseForm
from django.http import HttpRequest
from django.utils.translation import gettext as _

from common.errors import DomainError, FieldError
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


def carried_out(request: HttpRequest, form: BaseForm, save: Callable[[], str]) -> int | None:
    """Carry out a valid form, and show what `save` says of it on the next page; a refusal is shown in the form.

    Returns the status of the page that shows the form again, None when it was carried out.
    """
    if not form.is_valid():
        return 422
    try:
        said = save()
    except DomainError as error:
        refuse(form, error)
        return error.status
    messages.success(request, said)
    return None


def cleaned(form: BaseForm) -> dict[str, Any]:
    """Return the values of a form. Raises DomainError that names each wrong one by its field in the address."""
    if form.is_valid():
        return form.cleaned_data
    errors = [
        FieldError("" if name == "__all__" else form.add_prefix(name), str(said))
        for name, texts in form.errors.items()
        for said in texts
    ]
    raise DomainError(_("Some values are invalid; see errors."), errors=errors)


def as_sentence(message: str) -> str:
    """Return a sentence about a value, also where a rule says only its predicate, such as `is not a known field`."""
    text = translated(message)
    if message.partition(" ")[0] in {"is", "must", "needs", "has"}:
        return _("This %(message)s.") % {"message": text}
    return f"{text[:1].upper()}{text[1:]}"
