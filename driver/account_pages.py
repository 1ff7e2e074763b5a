"""A person's account: the profile, the own data as a file, and its deletion."""

from datetime import datetime

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import PersonRequest, confirmed_page, login_required_page
from accounts.profiles import change_profile
from common.errors import DomainError
from common.phones import parse_phone
from common.web.forms import refuse
from driver.own_data import own_data
from driver.profile_form import DeleteAccountForm, ProfileForm
from retention.services import delete_account, what_keeps_account


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def account(request: PersonRequest) -> HttpResponse:
    """Show and change a person's profile, and lead to everything else about the account."""
    form = ProfileForm(request.POST if request.method == "POST" else None, person=request.user)
    if form.is_valid():
        typed = form.cleaned_data["phone"]
        try:
            if (parse_phone(typed) if typed else "") != request.user.phone:
                raise_if_reauthentication_required(request, app="allauth.account")
            change_profile(person=request.user, values=form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Your profile was saved."))
            return redirect("driver:account")
    return render(request, "driver/me/account.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@never_cache
@confirmed_page
def account_data(request: PersonRequest) -> StreamingHttpResponse:
    """Send everything that is kept about a person, as a JSON file, row by row."""
    at = now()
    response = StreamingHttpResponse(own_data(request.user, at), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="my-parking-data-{at:%Y-%m-%d}.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@confirmed_page
def account_deletion(request: PersonRequest) -> HttpResponse:
    """Say what deleting the account does and what stands against it, and do it."""
    form, status = DeleteAccountForm(request.POST if request.method == "POST" else None), 200
    at = now()
    if form.is_valid():
        try:
            delete_account(person=request.user, at=at)
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            logout(request)
            messages.success(request, _("Your account is deleted, and you are signed out everywhere."))
            return redirect("driver:find")
    elif form.is_bound:
        status = 422
    return _deletion(request, form, at, status=status)


def _deletion(request: PersonRequest, form: DeleteAccountForm, at: datetime, *, status: int) -> HttpResponse:
    context = {"form": form, "kept_by": what_keeps_account(request.user), "at": at}
    return render(request, "driver/me/account/delete.html", context, status=status)
