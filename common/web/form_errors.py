"""Refusals, shown at the fields they are about."""

from django.forms import Form

from common.errors import DomainError
from common.translation import translated


def refuse(form: Form, error: DomainError) -> None:
    """Add a rule's refusal to a bound form: to the fields it names and people see, else to the form."""
    named = [one for one in error.errors if one.path in form.fields and not form[one.path].is_hidden]
    for one in named:
        form.add_error(one.path, translated(one.message))
    if not named:
        form.add_error(None, translated(error.message))
