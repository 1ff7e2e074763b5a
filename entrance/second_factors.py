"""allauth's second factors with this product's words: every key is a passkey, which also signs in by itself."""

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn import forms as webauthn_forms
from cryptography.exceptions import InvalidSignature
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.sealing import seal, unseal

LONGEST_NAME = 60
_MALFORMED = (KeyError, AttributeError, TypeError, ValueError, OverflowError, InvalidSignature)
"""What the packages raise for an answer that no browser gives."""


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc] # allauth has no types
    """Names keys and refuses in this product's words, and seals what codes are made from."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": gettext_lazy("That did not work. Try again."),
    }

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002 - allauth's call
        """Return the name that a new key is offered."""
        known = Authenticator.objects.filter(user=user, type=type).count()
        return _("Passkey %(number)d") % {"number": known + 1} if known else _("My passkey")

    def encrypt(self, text: str) -> str:
        """Return a secret as it is stored."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Return a stored secret. Raises SealBrokenError."""
        return unseal(encrypted_text)


class AddPasskeyForm(webauthn_forms.AddWebAuthnForm):  # type: ignore[misc] # allauth has no types
    """A new passkey: its name, and what the browser says of it."""

    passwordless = forms.BooleanField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = self.fields["name"]
        name.label, name.required = _("Name"), True
        name.widget.attrs["maxlength"] = LONGEST_NAME
        name.help_text = _("So that you know it again among several, such as “Phone”.")
        self.fields["passwordless"].initial = True
        self.fields["credential"].error_messages |= dict.fromkeys(
            ("required", "invalid"), _("No passkey was made. Try again.")
        )

    def clean_name(self) -> str:
        """Return the name, cut to its length: the passkey has been made already."""
        return str(super().clean_name())[:LONGEST_NAME]

    def clean(self) -> dict[str, Any]:
        """Refuse what is no new passkey."""
        try:
            return dict(super().clean())
        except _MALFORMED as error:
            raise get_adapter().validation_error("incorrect_code") from error


class RenamePasskeyForm(webauthn_forms.EditWebAuthnForm):  # type: ignore[misc] # allauth has no types
    """Another name for a passkey."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=LONGEST_NAME)


class _Answered:
    """A form with a browser's answer by a passkey."""

    def clean_credential(self) -> Authenticator:
        """Return the passkey that answered; refuse what is no answer of one."""
        try:
            return super().clean_credential()  # type: ignore[misc] # of the form that this is mixed into
        except _MALFORMED as error:
            raise get_adapter().validation_error("incorrect_code") from error


class PasskeyLoginForm(_Answered, webauthn_forms.LoginWebAuthnForm):  # type: ignore[misc] # allauth has no types
    """A passkey that signs in by itself."""


class PasskeyStepForm(_Answered, webauthn_forms.AuthenticateWebAuthnForm):  # type: ignore[misc] # allauth has no types
    """A passkey after the password."""


class PasskeyAgainForm(_Answered, webauthn_forms.ReauthenticateWebAuthnForm):  # type: ignore[misc] # allauth has no types
    """A passkey that confirms who is signed in."""
