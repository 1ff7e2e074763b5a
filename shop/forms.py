"""The form that validates a stay."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from merchants.models import ValidationType
from merchants.named_stays import LONGEST_REFERENCE


class ValidateForm(forms.Form):
    """A ticket or plate, and which validation it gets; `key` makes a double submit one validation."""

    ticket = forms.CharField(
        label=_("Ticket or plate"),
        max_length=LONGEST_REFERENCE,
        help_text=_("Scan the code on the ticket, or type its number or the whole plate."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    type = forms.ChoiceField(
        label=_("What do they get?"),
        widget=forms.HiddenInput,
        error_messages={"required": _("Tap what they get."), "invalid_choice": _("This is not offered any more.")},
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, kinds: list[ValidationType], **kwargs: Any) -> None:
        """Offer a shop's types."""
        super().__init__(*args, **kwargs)
        self.kinds = {str(kind.pk): kind for kind in kinds}
        self.fields["type"].choices = [(pk, kind.name) for pk, kind in self.kinds.items()]  # type: ignore[attr-defined]

    @property
    def kind(self) -> ValidationType:
        """Return what was tapped; call it after `is_valid`."""
        return self.kinds[self.cleaned_data["type"]]

    def idempotency_key(self, person: User) -> str:
        """Return the key of this submission."""
        return f"page-{person.pk}-{self.cleaned_data['key']}"
