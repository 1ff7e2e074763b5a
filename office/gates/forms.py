"""Gates and devices as a person types them."""

from typing import Any

from django import forms

from common.db.choices import choices_of
from devices.models import DeviceKind
from lots.models import DIRECTION_LABELS, Gate, Lot


class GateForm(forms.Form):
    """A lane: where it is, in which direction it leads, how it confirms that a car passed."""

    code = forms.SlugField(
        max_length=60,
        help_text="Devices know the gate by it; it never changes",
        error_messages={"invalid": "Use letters, digits, dashes and underscores only."},
    )
    name = forms.CharField(max_length=80, required=False, help_text="What people call it, such as “Entry Main St”")
    direction = forms.ChoiceField(choices=choices_of(DIRECTION_LABELS))
    level = forms.IntegerField(min_value=-200, max_value=500, initial=0, required=False)
    confirms_passage = forms.BooleanField(label="A barrier controller says when a car passed", required=False)

    def __init__(self, *args: Any, gate: Gate | None = None, **options: Any) -> None:
        """Begin with a gate's present values; its code stays."""
        if gate is not None:
            options["initial"] = {name: getattr(gate, name) for name in self.base_fields}
        super().__init__(*args, **options)
        self.fields["code"].disabled = gate is not None

    def clean_level(self) -> int:
        """Take the ground when nothing is given."""
        return self.cleaned_data["level"] or 0

    def values(self) -> dict[str, Any]:
        """Return clean values but the code; call it after `is_valid`."""
        return {name: self.cleaned_data[name] for name in self.fields if name not in {"code", "lot"}}


class NewGateForm(GateForm):
    """A lane of one of the lots that a person runs."""

    field_order = ["lot", "code", "name", "direction", "level", "confirms_passage"]

    def __init__(self, *args: Any, lots: list[Lot], **options: Any) -> None:
        """Offer the lots by name."""
        super().__init__(*args, **options)
        self.fields["lot"] = forms.ChoiceField(choices=[(lot.slug, lot.name) for lot in lots])
        self.order_fields(self.field_order)


class DeviceForm(forms.Form):
    """A machine at a gate."""

    kind = forms.ChoiceField(choices=DeviceKind.choices, initial=DeviceKind.CAMERA)
    name = forms.CharField(max_length=80, required=False, help_text="Such as “Camera left”; empty: made from the kind")
