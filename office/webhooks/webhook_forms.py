"""Forms of webhooks."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Operator
from events.models import EventType, Webhook
from events.services import WebhookWish
from lots.models import Lot


class WebhookForm(forms.Form):
    """Where a webhook leads, and which events it gets."""

    operator = forms.ChoiceField(label=_("Operator"))
    url = forms.CharField(
        label=_("Address"), max_length=500, help_text=_("Begins with https:// and is on the public internet.")
    )
    name = forms.CharField(label=_("Name"), max_length=80, required=False, help_text=_("Empty for the address’s host."))
    types = forms.MultipleChoiceField(
        label=_("Events"),
        choices=EventType.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("None for all."),
    )
    lots = forms.MultipleChoiceField(
        label=_("Lots"), widget=forms.CheckboxSelectMultiple, required=False, help_text=_("None for all.")
    )

    def __init__(
        self, data: Any = None, *, operators: Sequence[Operator], lots: Sequence[Lot], webhook: Webhook | None = None
    ) -> None:
        """Offer operators and their lots, and start with what is known of a webhook."""
        initial: dict[str, Any] = {}
        if webhook is not None:
            initial = {name: getattr(webhook, name) for name in ("url", "name", "types", "lots")}
        super().__init__(data, initial=initial)
        self.by_slug = {operator.slug: operator for operator in operators}
        self.operator_of = {lot.slug: lot.operator_id for lot in lots}
        self.fields["lots"].choices = [(lot.slug, lot.name) for lot in lots]  # type: ignore[attr-defined]
        self.fields["operator"].choices = [(one.slug, one.name) for one in operators]  # type: ignore[attr-defined]
        if webhook is not None or len(operators) == 1:
            del self.fields["operator"]

    def clean(self) -> dict[str, Any]:
        """Refuse lots of another operator."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if any(self.operator_of[slug] != self.chosen_operator.pk for slug in given.get("lots", ())):
            self.add_error("lots", _("These lots are not of this operator."))
        return given

    @property
    def chosen_operator(self) -> Operator:
        """Return the operator that was chosen, or the only one."""
        return self.by_slug.get(self.cleaned_data.get("operator", "")) or next(iter(self.by_slug.values()))

    @property
    def wish(self) -> WebhookWish:
        """Return what is wanted; call it after `is_valid`."""
        return WebhookWish(**{name: self.cleaned_data[name] for name in ("url", "name", "types", "lots")})


class ReplayForm(forms.Form):
    """After which event everything is sent again."""

    after = forms.IntegerField(
        label=_("After event number"), min_value=0, max_value=2**63 - 1, help_text=_("0 for all that is kept.")
    )
