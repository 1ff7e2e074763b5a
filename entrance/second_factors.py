"""allauth's second factors with this product's words: every key is a passkey, which also signs in by itself."""

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User

LONGEST_NAME = 60


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth has no types
    """Names keys and refuses in this product's words."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("That did not work. Try again."),
    }

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002 - allauth's call
        """Return the name that a new key is offered."""
        known = Authenticator.objects.filter(user=user, type=type).count()
        return _("Passkey %(number)d") % {"number": known + 1} if known else _("My passkey")


class AddPasskeyForm(webauthn_forms.AddWebAuthnForm):  # type: ignore[misc] # allauth has no types
    """A new passkey: its name, and what the browser says of it."""

    passwordless = forms.BooleanField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.fields["name"]
        name.label, name.max_length = _("Name"), LONGEST_NAME
        name.required = True
        name.help_text = _("So that you know it again among several, such as “Phone”.")
        self.fields["passwordless"].initial = True
        self.fields["credential"].error_messages["required"] = _("No passkey was made. Try again.")


class RenamePasskeyForm(webauthn_forms.EditWebAuthnForm):  # type: ignore[misc] # allauth has no types
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name")
        self.fields["name"].widget.attrs["maxlength"] = LONGEST_NAME
