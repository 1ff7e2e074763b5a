"""What the pages of people and plates share: a form beside a list, and the operators that it is about."""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localdate

from accounts.access import PersonRequest, operators_of
from accounts.models import Operator, Role
from common.errors import DomainError
from common.web.forms import refuse
from common.web.paging import page_of
from office.forms import OperatorForm


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


def list_page(  # noqa: PLR0913 - what the page is about
    request: PersonRequest,
    template: str,
    rows: QuerySet[Any],
    form: OperatorForm,
    *,
    status: int,
    name: Callable[[Iterable[Any]], None] | None = None,
    **more: Any,
) -> HttpResponse:
    """Render a list with the form that adds to it; `name` adds words to the rows of the page."""
    page: Page[Any] = page_of(rows, request)
    page.object_list = list(page.object_list)
    if name is not None:
        name(page.object_list)
    context = {**more, "page": page, "form": form, "several": len(form.operators) > 1, "today": localdate()}
    return render(request, template, context, status=status)
