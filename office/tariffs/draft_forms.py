"""The forms of drafts, of publishing and copying, and of event days."""

import datetime as dt
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from billing.pricing.parsing import LONGEST_DAY_NAME
from office.tariffs.forms import LATER, FirstRulesForm, day_field

MOST_DAYS_AT_ONCE = 60


class NewDraftForm(FirstRulesForm):
    """A draft's lot and name, and what it begins from."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Such as Winter 2027"))

    field_order = ("lot", "name", "start")

    def __init__(self, *args: Any, **options: Any) -> None:
        """Propose the prices in force."""
        super().__init__(*args, **options)
        self.fields["start"].initial = LATER


class PublishForm(forms.Form):
    """From which day a draft is in force."""

    valid_from = day_field(label=_("First day"))


class CopyForm(forms.Form):
    """The lots that get a draft with the same prices."""

    lots = forms.MultipleChoiceField(label=_("Lots"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, lots: list[tuple[str, str]], **options: Any) -> None:
        """Offer the lots with what is different there."""
        super().__init__(*args, **options)
        self.fields["lots"].choices = lots  # type: ignore[attr-defined]
        if not lots:
            self.fields["lots"].help_text = gettext("The operator has no other lots.")


class EventDaysForm(forms.Form):
    """Days of an event: one, or all from the first to the last."""

    name = forms.CharField(label=_("Event"), max_length=LONGEST_DAY_NAME, help_text=_("Such as Street Parade"))
    first_day = day_field(label=_("First day"))
    last_day = day_field(label=_("Last day"), required=False, help_text=_("Leave empty for a single day"))

    def clean(self) -> dict[str, Any]:
        """Check that the days are in order and not too many."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", gettext("The last day is before the first."))
        elif first and last and (last - first).days >= MOST_DAYS_AT_ONCE:
            self.add_error("last_day", gettext("Add at most %(days)s days at once.") % {"days": MOST_DAYS_AT_ONCE})
        return cleaned

    def days(self) -> list[dt.date]:
        """Return the days; call it after `is_valid`."""
        first, last = self.cleaned_data["first_day"], self.cleaned_data["last_day"]
        length = (last - first).days if last else 0
        return [first + dt.timedelta(days=number) for number in range(length + 1)]
