"""The forms for gates and devices."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from common.db.choices import choices_of
from common.notes import LONGEST_NOTE
from devices.models import DeviceKind
from lots.checks import HIGHEST_LEVEL, LOWEST_LEVEL
from lots.models import DIRECTION_LABELS, Gate, Lot


class GateForm(forms.Form):
    """A gate: its place, its direction and whether a controller confirms passages."""

    code = forms.SlugField(
        label=_("Code"),
        max_length=60,
        help_text=_("Devices use it to name the gate. It can't be changed later."),
        error_messages={"invalid": _("Use letters, digits, dashes and underscores only.")},
    )
    name = forms.CharField(
        label=_("Name"), max_length=80, required=False, help_text=_("What people call it, such as “Entry Main St”")
    )
    direction = forms.ChoiceField(label=_("Direction"), choices=choices_of(DIRECTION_LABELS))
    level = forms.IntegerField(
        label=_("Level"), min_value=LOWEST_LEVEL, max_value=HIGHEST_LEVEL, initial=0, required=False
    )
    confirms_passage = forms.BooleanField(label=_("A barrier controller reports when a car has passed"), required=False)

    def __init__(self, *args: Any, gate: Gate | None = None, **options: Any) -> None:
        """Start with a gate's current values; its code can't be changed."""
        if gate is not None:
            options["initial"] = {name: getattr(gate, name) for name in self.base_fields}
        super().__init__(*args, **options)
        self.fields["code"].disabled = gate is not None

    def clean_level(self) -> int:
        """Default to the ground level."""
        return self.cleaned_data["level"] or 0

    def values(self) -> dict[str, Any]:
        """Return the cleaned values except the code; call it after `is_valid`."""
        return {name: self.cleaned_data[name] for name in self.fields if name not in {"code", "lot"}}


class NewGateForm(GateForm):
    """A new gate at one of the lots that the person manages."""

    field_order = ["lot", "code", "name", "direction", "level", "confirms_passage"]

    def __init__(self, *args: Any, lots: list[Lot], **options: Any) -> None:
        """Offer the lots as choices."""
        super().__init__(*args, **options)
        self.fields["lot"] = forms.ChoiceField(label=_("Lot"), choices=[(lot.slug, lot.name) for lot in lots])
        self.order_fields(self.field_order)


class GateOpeningForm(forms.Form):
    """Why a gate is opened once; the key makes a double submit act once."""

    ids = "opening_%s"
    """Names the fields apart from those of the other forms of the page."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    note = forms.CharField(
        label=_("Reason"),
        max_length=LONGEST_NOTE,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, auto_id=self.ids)


class GateHoldForm(GateOpeningForm):
    """Why a gate is held open."""

    ids = "hold_%s"

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["note"].help_text = _("Such as a fire alarm, an event or a queue")


class GateClosingForm(forms.Form):
    """Why a gate is taken out of service."""

    why = forms.CharField(
        label=_("Reason"), max_length=LONGEST_NOTE, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class DeviceForm(forms.Form):
    """A device at a gate."""

    kind = forms.ChoiceField(label=_("Kind"), choices=DeviceKind.choices, initial=DeviceKind.CAMERA)
    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        required=False,
        help_text=_("Such as “Camera left”. Leave empty to name it after its kind."),
    )
