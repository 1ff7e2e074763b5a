"""allauth's forms with this product's words. The rules of a new password stand below its field."""

from typing import Any

from allauth.account import forms as allauth_forms
from django.utils.translation import gettext as _

FIRST, AGAIN = "password1", "password2"
RULES = "password-rules"


class _NewPassword:
    """A form with a new password, typed twice."""

    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first, again = self.fields[FIRST], self.fields[AGAIN]
        first.help_text = ""
        # Django doesn't add the error's id to an attribute that is set.
        first.widget.attrs["aria-describedby"] = f"{RULES} id_{FIRST}_error"
        again.label = _("The same password again")


class _Address:
    """A form with an email address."""

    address = "email"
    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields[self.address]
        field.label = _("Email")
        field.error_messages["invalid"] = _("Enter a valid email address.")


class LoginForm(_Address, allauth_forms.LoginForm):  # type: ignore[misc] # allauth has no types
    """Address and password; the link for a forgotten password stands below the form, out of the way of Tab."""

    address = "login"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""
        self.fields["remember"].label = _("Stay signed in on this device")


class SignupForm(_NewPassword, _Address, allauth_forms.SignupForm):  # type: ignore[misc] # allauth has no types
    """A new account."""


class AddEmailForm(_Address, allauth_forms.AddEmailForm):  # type: ignore[misc] # allauth has no types
    """One more address."""


class ResetPasswordForm(_Address, allauth_forms.ResetPasswordForm):  # type: ignore[misc] # allauth has no types
    """The address that gets a link for a new password."""


class ChangePasswordForm(_NewPassword, allauth_forms.ChangePasswordForm):  # type: ignore[misc] # allauth has no types
    """A new password for somebody who knows the present one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")
        self.fields[FIRST].label = _("New password")


class SetPasswordForm(_NewPassword, allauth_forms.SetPasswordForm):  # type: ignore[misc] # allauth has no types
    """The first password of somebody who has none."""


class ResetPasswordKeyForm(_NewPassword, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc] # allauth has no types
    """A new password by a link sent by email."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[FIRST].label = _("New password")
