"""What the pages of people and plates share: a form beside a list, and the operators that it is about."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now

from accounts.access import PersonRequest, operators_of
from accounts.models import Operator, Role
from common.errors import DomainError
from common.web.forms import refuse
from common.web.listing import ListPage
from lots.calendar import operators_day
from office.forms import OperatorForm
from office.list_pages import list_response


def own_operators(request: PersonRequest) -> list[Operator]:
    """Return the operators of which the person is an admin as a whole."""
    return list(operators_of(request.user, Role.ADMIN).order_by("name"))


def saved(form: Form, request: PersonRequest, save: Callable[[], str], *to: Any) -> HttpResponse | None:
    """Save a valid form and redirect; return None when the form has errors."""
    if not form.is_valid():
        return None
    try:
        said = save()
    except DomainError as error:
        refuse(form, error)
        return None
    messages.success(request, said)
    return redirect(*to)


def added_to(  # noqa: PLR0913 - what the page is about
    request: PersonRequest,
    template: str,
    page: ListPage,
    *,
    sought: Form,
    added: OperatorForm,
    status: int,
    **more: Any,
) -> HttpResponse:
    """Render a list with its filter `sought`, and the form `added` that adds to it."""
    context = {
        **more,
        "added": added,
        "several": len(added.operators) > 1,
        "today": operators_day(added.operators.values(), now()),
    }
    context["is_narrowed"] = any(sought[name].value() for name in sought.fields)
    return list_response(request, template, page, form=sought, context=context, status=status)
