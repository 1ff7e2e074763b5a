"""Applications of operators, for who runs the installation: the list, and the page that accepts or declines one."""

from collections.abc import Callable
from functools import wraps

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import P, PersonRequest, PersonView, View, login_required_page, runs_installation
from accounts.models import OperatorApplication
from common.web.countries import country_name
from common.web.forms import carried_out
from common.web.paging import page_of
from entrance.apply_form import DeclineForm, NewOperatorForm
from notifications.application_mails import take_on_operator, turn_down_operator

ACCEPT, DECLINE = "accept", "decline"


def for_who_runs_it(view: PersonView[P]) -> View[P]:
    """Allow a page to people who run the installation; visitors log in first."""

    @wraps(view)
    def guarded(request: PersonRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not runs_installation(request.user):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return login_required_page(guarded)


@require_safe
@for_who_runs_it
def applications(request: PersonRequest) -> HttpResponse:
    """List the applications that are confirmed, those that wait first."""
    confirmed = OperatorApplication.objects.filter(confirmed_at__isnull=False).select_related("operator")
    rows = confirmed.order_by("-pk")
    context = {"waiting": rows.waiting().count(), "page": page_of(rows, request)}
    return render(request, "entrance/applications.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@for_who_runs_it
def application(request: PersonRequest, pk: int) -> HttpResponse:
    """Show an application, and accept or decline it."""
    confirmed = OperatorApplication.objects.filter(confirmed_at__isnull=False).select_related("operator", "decided_by")
    found = get_object_or_404(confirmed, pk=pk)
    act = request.POST.get("act", ACCEPT) if request.method == "POST" else ""
    accepting = NewOperatorForm(
        request.POST if act == ACCEPT else None, initial={"name": found.company, "country": found.country}
    )
    declining = DeclineForm(request.POST if act == DECLINE else None)

    def accept() -> str:
        taken = take_on_operator(application=found, values=accepting.values(), by=request.user, at=now())
        said = _("%(operator)s is an operator now. An invitation is on its way to %(email)s.")
        return said % {"operator": taken.operator, "email": taken.email}

    def decline() -> str:
        answer = declining.cleaned_data["answer"]
        turn_down_operator(application=found, answer=answer, by=request.user, at=now())
        return _("Declined. %(email)s is told by email.") % {"email": found.email}

    status: int | None = 200
    if act:
        save: Callable[[], str] = accept if act == ACCEPT else decline
        status = carried_out(request, accepting if act == ACCEPT else declining, save)
        if status is None:
            return redirect("entrance:applications" if runs_installation(request.user) else "entrance:home")
    context = {
        "application": found,
        "country": country_name(found.country),
        "is_decided": found.accepted_at is not None or found.declined_at is not None,
        "accepting": accepting,
        "declining": declining,
        "hands_over": not request.user.is_superuser,
    }
    return render(request, "entrance/application.html", context, status=status)
