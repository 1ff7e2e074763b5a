"""What an admin amends on a stay's page; `seen` is the state that the page showed, `key` makes each form one act."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from lots.models import Spot, SpotCount, Tracking
from office.forms import WhyForm
from tickets.models import Ticket
from tickets.services import Place, state_of_stay


class ActForm(WhyForm):
    """An act with its reason that is done once."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)

    def __init__(self, data: Any = None, *, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.ticket = ticket


class NoteForm(ActForm):
    """A note for others."""

    def __init__(self, data: Any = None, *, ticket: Ticket) -> None:
        super().__init__(data, ticket=ticket, prefix="note")
        self.fields["why"].label = pgettext("text", "Note")


class SeenForm(ActForm):
    """An act on the stay as its page showed it."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, ticket: Ticket, **kwargs: Any) -> None:
        kwargs["initial"] = {"seen": state_of_stay(ticket)} | (kwargs.get("initial") or {})
        super().__init__(data, ticket=ticket, **kwargs)


class RepriceForm(SeenForm):
    """The reason for another tariff."""

    def __init__(self, data: Any = None, *, ticket: Ticket, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, ticket=ticket, initial=initial, prefix="price")


class MoveStayForm(SeenForm):
    """Where a car really stands: a spot by its number, or a level and kind where only cars are counted."""

    place = forms.CharField(
        label=_("Spot"), max_length=32, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )
    field_order = ["place", "why"]

    def __init__(self, data: Any = None, *, ticket: Ticket, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, ticket=ticket, initial=initial, prefix="move")
        if ticket.lot.tracking != Tracking.SPOTS:
            counts = SpotCount.objects.filter(lot=ticket.lot_id).select_related("level").order_by("level", "spot_type")
            choices = [
                (f"{count.level_id}:{count.spot_type}", f"{count.level.name}, {count.get_spot_type_display()}")
                for count in counts
            ]
            self.fields["place"] = forms.ChoiceField(label=_("Place"), choices=choices)
            self.order_fields(self.field_order)

    def clean_place(self) -> Place:
        """Return the place that was typed or chosen."""
        typed: str = self.cleaned_data["place"]
        if self.ticket.lot.tracking != Tracking.SPOTS:
            level, spot_type = typed.split(":")
            return Place(level_id=int(level), spot_type=spot_type)
        spot = Spot.objects.filter(lot=self.ticket.lot_id, number__iexact=typed.strip()).first()
        if spot is None:
            raise forms.ValidationError(
                gettext("%(lot)s has no spot %(spot)s.") % {"lot": self.ticket.lot.name, "spot": typed.strip()}
            )
        return Place(level_id=spot.level_id, spot_type=spot.spot_type, spot_id=spot.pk)
