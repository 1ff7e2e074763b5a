"""The forms for people, blocked plates, permits and files of both."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.access import Person
from accounts.blocklist import BlockTerms
from accounts.models import STAFF_CHOICES, BlockedPlate, Membership, Operator, PermitKind, Role
from common.notes import LONGEST_NOTE
from common.plates import MAX_RAW_LENGTH
from common.regions import LONGEST_REGION
from lots.access import lots_visible_to
from office.file_imports import content_of
from office.forms import OperatorForm


def _day_field(**options: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)


class LotsForm(OperatorForm):
    """A form of one operator with a choice of its lots, if there are several; none chosen means all."""

    def __init__(
        self, *args: Any, person: Person, operators: list[Operator], chosen: Sequence[int] = (), **options: Any
    ) -> None:
        """Offer the lots of the operators; those with the keys `chosen` are ticked."""
        super().__init__(*args, operators=operators, **options)
        visible = lots_visible_to(person, Role.ADMIN).filter(operator__in=operators).order_by("name", "pk")
        # An archived lot that is chosen stays a choice: without it the form would mean all lots.
        self.lots = {lot.slug: lot for lot in visible if lot.archived_at is None or lot.pk in chosen}
        if len(self.lots) > 1 or chosen:
            self.fields["lots"] = forms.MultipleChoiceField(
                label=_("Only these lots"),
                choices=[(slug, lot.name) for slug, lot in self.lots.items()],
                initial=[slug for slug, lot in self.lots.items() if lot.pk in chosen],
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text=_("None means all, also lots that are added later."),
            )

    def clean(self) -> dict[str, Any]:
        """Refuse lots of another operator."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        lots = [self.lots[slug] for slug in cleaned.get("lots") or ()]
        if lots and not self.errors and any(lot.operator_id != self.operator.pk for lot in lots):
            self.add_error("lots", gettext("Choose lots of one operator."))
        return cleaned

    @property
    def lot_ids(self) -> list[int] | None:
        """Return the lots that were chosen, None for all; call it after `is_valid`."""
        return [self.lots[slug].pk for slug in self.cleaned_data.get("lots") or ()] or None


class InviteForm(LotsForm):
    """An invitation to work for an operator."""

    email = forms.EmailField(label=_("Email"))
    role = forms.ChoiceField(label=_("Role"), choices=STAFF_CHOICES, initial=Role.ATTENDANT)


class RoleForm(LotsForm):
    """The role of a member, and the lots at which it holds."""

    role = forms.ChoiceField(label=_("Role"), choices=STAFF_CHOICES)

    @classmethod
    def of(cls, member: Membership, person: Person, data: Any = None) -> "RoleForm":
        """Return the form of a member, with the role that it has."""
        given = {"role": member.role}
        return cls(data, person=person, operators=[member.operator], chosen=member.lot_ids or (), initial=given)


class BlockTermsForm(LotsForm):
    """Why, until when and where a plate is blocked."""

    reason = forms.CharField(label=_("Reason"), max_length=LONGEST_NOTE)
    last_day = _day_field(label=_("Last day"), required=False, help_text=_("Empty: until somebody unblocks it."))

    @classmethod
    def of(cls, blocked: BlockedPlate, person: Person, data: Any = None) -> "BlockTermsForm":
        """Return the form of a block, with its terms."""
        given = {"reason": blocked.reason, "last_day": blocked.last_day}
        return cls(data, person=person, operators=[blocked.operator], chosen=blocked.lot_ids or (), initial=given)

    @property
    def terms(self) -> BlockTerms:
        """Return the terms; call it after `is_valid`."""
        return BlockTerms(self.cleaned_data["reason"], self.cleaned_data["last_day"], self.lot_ids)


class BlockForm(BlockTermsForm):
    """A plate to block."""

    field_order = ["operator", "plate", "region", "reason", "last_day", "lots"]
    plate = forms.CharField(label=_("Plate"), max_length=MAX_RAW_LENGTH)
    region = forms.CharField(
        label=_("Region"),
        required=False,
        max_length=LONGEST_REGION,
        help_text=_("Such as D or CH-ZH. Only lots that tell cars by their region look at it; leave empty for all."),
    )


class PermitForm(OperatorForm):
    """A permit on a plate."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=PermitKind.choices,
        help_text=_(
            "Only a permit for accessible parking opens accessible spots. The others are for your people to see."
        ),
    )
    plate = forms.CharField(label=_("Plate"), max_length=MAX_RAW_LENGTH)
    number = forms.CharField(label=_("Permit number"), max_length=40, required=False)
    valid_from = _day_field(label=_("First day"))
    valid_until = _day_field(label=_("Last day"), required=False)


class PlateFileForm(OperatorForm):
    """A file of blocked plates or permits."""

    file = forms.FileField(label=_("CSV file"), widget=forms.ClearableFileInput(attrs={"accept": ".csv"}))

    def clean_file(self) -> bytes:
        """Return the content of the file."""
        return content_of(self.cleaned_data["file"])
