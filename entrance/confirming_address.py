"""After signing up: show the address that got the link, send the link again, use another address."""

from allauth.account.internal.flows.email_verification import send_verification_email_at_login
from allauth.account.stages import EmailVerificationStage, LoginStage, LoginStageController
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe


@require_safe
@never_cache
def link_sent(request: HttpRequest) -> HttpResponse:
    """Show which address got the link."""
    return render(request, "account/verification_sent.html", {"address": _address(_stage(request))})


@require_POST
def send_again(request: HttpRequest) -> HttpResponse:
    """Send the link again; allauth limits how often one address gets it."""
    stage = _stage(request)
    if stage is None:
        return redirect("account_login")
    if not send_verification_email_at_login(request, stage.login):
        messages.warning(
            request, _("The link was sent a moment ago. Wait three minutes before you ask for another one.")
        )
    elif stage.login.signup:
        messages.success(request, _("The link was sent again."))
    return redirect("account_email_verification_sent")


@require_POST
def use_another(request: HttpRequest) -> HttpResponse:
    """Go back to the sign-up form, with the typed address to correct."""
    stage = _stage(request)
    address = _address(stage)
    if stage is not None:
        stage.abort()
    return redirect(reverse("account_signup", query={"email": address} if address else None))


def _stage(request: HttpRequest) -> LoginStage | None:
    return LoginStageController.enter(request, EmailVerificationStage.key)


def _address(stage: LoginStage | None) -> str:
    """Return the address of the link; the same for one that has an account already, so that nobody learns of it."""
    if stage is None:
        return ""
    return str(stage.login.email or stage.login.user.email)
