"""The filter of the list of messages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications.kinds import known_kinds
from notifications.models import MessageState


class MessagesFilter(forms.Form):
    """Which messages to list."""

    q = forms.CharField(label=_("Address or reference"), required=False, max_length=120)
    state = forms.ChoiceField(label=_("State"), choices=[("", _("Any")), *MessageState.choices], required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: object, **options: object) -> None:
        """Offer the kinds that belong to operators."""
        super().__init__(*args, **options)  # type: ignore[arg-type]
        kinds = [(kind.name, kind.label) for kind in known_kinds() if kind.of_operator]
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 for the type
        field.choices = [("", _("Any")), *kinds]

    def add_prefix(self, field_name: str) -> str:
        """Name the days `from` and `to` in the address, as the API does."""
        return {"since": "from", "until": "to"}.get(field_name, field_name)
