"""The forms for API keys: what a key may do and where, and how long an old one works on."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access import Person
from accounts.api_keys import KeyTerms
from accounts.models import ApiKey, Role
from accounts.scopes import READ, RESOURCE_LABELS, WRITE, Resource, level_of, scopes_of
from common.time import end_of
from lots.access import lots_visible_to
from lots.calendar import zone_of_operator
from lots.models import Lot
from office.forms import OperatorForm

_LEVELS = [("", _("Nothing")), (READ, _("Read")), (WRITE, _("Read and change"))]
_KEPT = {
    "0": (_("It stops at once"), dt.timedelta(0)),
    "3600": (_("One hour"), dt.timedelta(hours=1)),
    "86400": (_("One day"), dt.timedelta(days=1)),
    "604800": (_("Seven days"), dt.timedelta(days=7)),
    "2592000": (_("Thirty days"), dt.timedelta(days=30)),
}


class ApiKeyForm(OperatorForm):
    """A key for a program: its name, its last day, its lots, and what it may do with each kind of rows."""

    name = forms.CharField(
        label=_("Name"), max_length=60, help_text=_("Of the program, such as “Accounting”. Records show it.")
    )
    ends_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Empty: it works until it is withdrawn."),
    )
    lots = forms.ModelMultipleChoiceField(
        label=_("Only these lots"),
        queryset=Lot.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None means all, also lots that are added later."),
    )

    def __init__(self, *args: Any, person: Person, **options: Any) -> None:
        """Offer the person's lots."""
        super().__init__(*args, **options)
        lots = lots_visible_to(person, Role.ADMIN).in_use().order_by("name")
        self.fields["lots"].queryset = lots  # type: ignore[attr-defined] # a choice among rows
        self.fields["lots"].to_field_name = "slug"  # type: ignore[attr-defined]
        for resource, label in RESOURCE_LABELS.items():
            self.fields[f"may_{resource}"] = forms.ChoiceField(label=label, choices=_LEVELS, required=False)

    def plain(self) -> list[BoundField]:
        """Return the fields beside what the key may do."""
        return [field for field in self if not field.name.startswith("may_")]

    def rights(self) -> list[BoundField]:
        """Return the fields of what the key may do."""
        return [field for field in self if field.name.startswith("may_")]

    def clean(self) -> dict[str, Any]:
        """Refuse lots of another operator, and a key that may do nothing."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        lots = cleaned.get("lots")
        if lots and not self.errors and any(lot.operator_id != self.operator.pk for lot in lots):
            self.add_error("lots", gettext("Choose lots of one operator."))
        if not any(cleaned.get(f"may_{resource}") for resource in Resource):
            self.add_error("may_lots", gettext("Choose what the key may do."))
        return cleaned

    def terms(self) -> KeyTerms:
        """Return what was chosen; call it after `is_valid`."""
        given, last_day = self.cleaned_data, self.cleaned_data["ends_on"]
        zone = ZoneInfo(zone_of_operator(self.operator, self.operator.lots.order_by("name", "pk")))
        return KeyTerms(
            name=given["name"],
            scopes=scopes_of((resource, given[f"may_{resource}"]) for resource in Resource),
            lot_ids=[lot.pk for lot in given["lots"]] or None,
            ends_at=end_of(last_day, zone) if last_day else None,
        )


class RollForm(forms.Form):
    """How long the key in use works beside the one that follows it, and when it was last replaced as the page says."""

    keep = forms.ChoiceField(
        label=_("How long the current key still works"),
        choices=[(seconds, label) for seconds, (label, _length) in _KEPT.items()],
        initial="86400",
        widget=forms.RadioSelect,
    )
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def clean_seen(self) -> dt.datetime | None:
        """Return the instant, if any."""
        try:
            return dt.datetime.fromisoformat(self.cleaned_data["seen"]) if self.cleaned_data["seen"] else None
        except ValueError as error:
            raise forms.ValidationError(gettext("This is no time.")) from error

    def kept_for(self) -> dt.timedelta:
        """Return for how long the current key works on; call it after `is_valid`."""
        return _KEPT[self.cleaned_data["keep"]][1]


def rights_words(key: ApiKey) -> list[tuple[str, str]]:
    """Return what a key may do in words: the kind of rows, and whether it only reads."""
    words = {level: str(label) for level, label in _LEVELS}
    found = [(RESOURCE_LABELS[resource], level_of(key.scopes, resource)) for resource in Resource]
    return [(str(label), words[level]) for label, level in found if level]
