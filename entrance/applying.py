"""Applying as an operator, where the installation allows it: the form, the link that confirms the address."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in
from accounts.applications import ApplicationGoneError, find_application
from accounts.setting_up import awaits_first_operator
from common.errors import DomainError
from common.web.client_address import client_network
from common.web.countries import guessed_country
from common.web.forms import refuse
from common.web.rate_limits import check_hourly_rate
from entrance.apply_form import ApplyForm
from notifications.application_mails import apply_as_operator, hand_in_application

TRIES_PER_HOUR, MAILS_PER_HOUR = 5, 3


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def apply_page(request: HttpRequest) -> HttpResponse:
    """Take an application and send the link that confirms its address; 404 where nobody may apply."""
    _refuse_unless_allowed()
    if awaits_first_operator():
        return redirect("entrance:first_run")
    person = signed_in(request)
    form = ApplyForm(
        request.POST if request.method == "POST" else None,
        initial={
            "country": guessed_country(request),
            "email": person.email if person else "",
            "name": person.name if person else "",
        },
    )
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _send_link(request, form)
            except DomainError as error:
                refuse(form, error)
                status = error.status
            else:
                return redirect("entrance:apply_sent")
    return render(request, "entrance/apply.html", {"form": form}, status=status)


@require_safe
def apply_sent(request: HttpRequest) -> HttpResponse:
    """Say that the link is on its way."""
    _refuse_unless_allowed()
    return render(request, "entrance/apply_sent.html")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def apply_confirm(request: HttpRequest, token: str) -> HttpResponse:
    """Let who applied confirm the address by the mailed link; only the button does, as robots open links."""
    at = now()
    try:
        application = find_application(token, at=at)
    except ApplicationGoneError as error:
        return render(request, "entrance/apply_confirm.html", {"gone": error.message}, status=error.status)
    if request.method == "POST":
        hand_in_application(application=application, at=at)
        return redirect("entrance:apply_confirm", token)
    return render(request, "entrance/apply_confirm.html", {"application": application})


def _refuse_unless_allowed() -> None:
    if not settings.OPERATORS_MAY_APPLY:
        raise Http404


def _send_link(request: HttpRequest, form: ApplyForm) -> None:
    wish = form.wish()
    check_hourly_rate("operator-application", client_network(request), per_hour=TRIES_PER_HOUR)
    check_hourly_rate("operator-application-mail", wish.email.lower(), per_hour=MAILS_PER_HOUR)
    apply_as_operator(wish=wish, at=now())
