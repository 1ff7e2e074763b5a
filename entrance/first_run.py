"""The page that makes an installation's first operator and its admin, by the code that `manage.py up` prints."""

from typing import Any, cast

from allauth.account.utils import perform_login
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.setting_up import SetUpAlreadyError, awaits_first_operator, set_up_installation
from common.errors import DomainError
from common.web.client_address import client_network
from common.web.countries import guessed_country
from common.web.forms import refuse
from common.web.rate_limits import check_rate
from entrance.apply_form import NewOperatorForm
from entrance.forms import checked_password

TRIES_PER_MINUTE = 5


class FirstRunForm(NewOperatorForm):
    """The first operator and its admin. The code is hidden when the printed link brings it."""

    code = forms.CharField(
        label=gettext_lazy("Setup code"),
        max_length=40,
        help_text=gettext_lazy("The command that started the product printed it."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("Your email"), widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        max_length=200,
        help_text=gettext_lazy("At least 8 characters, and not easy to guess."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    field_order = ("code", "name", "country", "email", "password")

    def __init__(self, *args: Any, hides_code: bool, **options: Any) -> None:
        """Hide the code that the link brought."""
        super().__init__(*args, **options)
        if hides_code:
            self.fields["code"].widget = forms.HiddenInput()

    def clean(self) -> dict[str, Any]:
        """Refuse a password that is short, common or like the address."""
        cleaned = super().clean() or {}
        if cleaned.get("password"):
            try:
                checked_password(cleaned["password"], cleaned.get("email", ""))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return cleaned


def first_run_link(code: str, *, site: str = "") -> str:
    """Return the address of the page with the code in it, at `site` or the public address."""
    return f"{site or settings.PUBLIC_URL}{reverse('entrance:first_run')}?code={code}"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def first_run(request: HttpRequest) -> HttpResponse:
    """Make the first operator and sign its admin in; 404 once there is an operator."""
    if not awaits_first_operator():
        raise Http404
    link_code = request.GET.get("code", "")
    form = FirstRunForm(
        request.POST if request.method == "POST" else None,
        hides_code=bool(link_code) and request.method != "POST",
        initial={"code": link_code, "country": guessed_country(request)},
    )
    status, wait = 200, 0
    if request.method == "POST":
        status = 422
        try:
            check_rate("first-run", client_network(request), per_minute=TRIES_PER_MINUTE)
            if form.is_valid():
                return _set_up(request, form)
        except SetUpAlreadyError as error:
            messages.error(request, error.message)
            return redirect("account_login")
        except DomainError as error:
            refuse(form, error)
            status, wait = error.status, getattr(error, "retry_after", 0)
    response = render(request, "entrance/first_run.html", {"form": form}, status=status)
    if wait:
        response["Retry-After"] = str(wait)
    return response


def _set_up(request: HttpRequest, form: FirstRunForm) -> HttpResponse:
    given = form.cleaned_data
    person = set_up_installation(
        code=given["code"], values=form.values(), email=given["email"], password=given["password"]
    )
    messages.success(request, _("%(operator)s is set up. Next: its first lot.") % {"operator": given["name"]})
    return cast("HttpResponse", perform_login(request, person, redirect_url=reverse("office:first_lot")))
