"""The landing page after logging in, and the page that accepts an invitation."""

from typing import cast

from allauth.account.models import EmailAddress
from allauth.account.utils import perform_login
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import PersonRequest, login_required_page, signed_in
from accounts.invitations import InvitationGoneError, accept_invitation, find_invitation
from accounts.models import Invitation, User
from accounts.ownership import account_of
from common.errors import DomainError
from entrance.forms import NewPasswordForm

FIRST_PAGES = {
    "admin": "office:home",
    "attendant": "desk:desk",
    "guard": "office:gates",
    "driver": "driver:me",
    "validator": "shop:validate",
}


@require_safe
@login_required_page
def home(request: PersonRequest) -> HttpResponse:
    """Redirect a person to the first page of their role."""
    return redirect(FIRST_PAGES[request.user.menu_role])


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Accept an invitation: signed in with the invited address, or with a password for a new account."""
    at = now()
    try:
        link = find_invitation(token, at=at)
        found, owner = link.invitation, account_of(link.invitation.email)
        if owner is None and not link.mailed:
            return render(request, "entrance/invitation_copied.html", {"invitation": found})
        form = NewPasswordForm(request.POST if request.method == "POST" else None, email=found.email)
        if request.method == "POST" and (owner or form.is_valid()):
            password = None if owner else form.cleaned_data["password1"]
            membership = accept_invitation(invitation=found, at=at, account=signed_in(request), password=password)
            return _let_in(request, membership.user, _("You work for %(operator)s now.") % {"operator": found.operator})
    except InvitationGoneError:
        return render(request, "entrance/invitation_gone.html", status=404)
    except DomainError as error:
        return _offer(request, found, owner, form, status=error.status)
    return _offer(request, found, owner, form, status=422 if form.errors else 200)


def _let_in(request: HttpRequest, person: User, words: str) -> HttpResponse:
    messages.success(request, words)
    if signed_in(request) == person:
        return redirect("entrance:home")
    return cast("HttpResponse", perform_login(request, person, redirect_url=reverse("entrance:home")))


def _offer(
    request: HttpRequest, found: Invitation, owner: User | None, form: NewPasswordForm, *, status: int
) -> HttpResponse:
    person = signed_in(request)
    is_owner = person is not None and person == owner
    others = EmailAddress.objects.filter(user=person, verified=True).exclude(email__iexact=found.email)
    context = {
        "invitation": found,
        "form": None if owner else form,
        "is_owner": is_owner,
        "others": list(others.values_list("email", flat=True)) if is_owner else [],
    }
    return render(request, "entrance/invitation.html", context, status=status)
