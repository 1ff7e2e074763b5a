"""The password of someone who accepts an invitation."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class NewPasswordForm(forms.Form):
    """The password of a new account."""

    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=200,
        help_text=_("At least 8 characters, and not easy to guess."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    password2 = forms.CharField(
        label=_("The same password again"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        """Take the address that the password must not resemble."""
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password1(self) -> str:
        """Refuse a password that is short, common or like the address."""
        return checked_password(str(self.cleaned_data["password1"]), self.email)

    def clean_password2(self) -> str:
        """Refuse a second password that differs."""
        again = str(self.cleaned_data["password2"])
        if self.cleaned_data.get("password1", again) != again:
            raise forms.ValidationError(gettext("The two passwords differ."))
        return again


def checked_password(password: str, email: str) -> str:
    """Return a password. Raises ValidationError for one that is short, common or like the address."""
    validate_password(password, User(email=email))
    return password
