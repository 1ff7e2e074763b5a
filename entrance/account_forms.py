"""The forms of account pages with this product's words; what is said of a new password stands below its field."""

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
        # Django leaves the attribute alone once it is set, so the error is named here too.
        first.widget.attrs["aria-describedby"] = f"{RULES} id_{FIRST}_error"
        again.label = _("The same password again")


class LoginForm(allauth_forms.LoginForm):  # type: ignore[misc] # allauth has no types
    """Email and password; the page has the link for a forgotten one, where Tab does not meet it on the way."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = ""
        self.fields["remember"].label = _("Stay signed in on this device")


class SignupForm(_NewPassword, allauth_forms.SignupForm):  # type: ignore[misc] # allauth has no types
    """A new account."""


class ChangePasswordForm(_NewPassword, allauth_forms.ChangePasswordForm):  # type: ignore[misc] # allauth has no types
    """Another password for somebody who knows theirs."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")
        self.fields[FIRST].label = _("New password")


class SetPasswordForm(_NewPassword, allauth_forms.SetPasswordForm):  # type: ignore[misc] # allauth has no types
    """The first password of somebody who has none."""


class ResetPasswordKeyForm(_NewPassword, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc] # allauth has no types
    """Another password by a mailed link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields[FIRST].label = _("New password")
