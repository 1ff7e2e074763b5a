"""The form of what a person wants to be told, and when."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from notifications.kinds import Kind, KindGroup, optional_kinds
from notifications.wishes import Wishes


class ClockInput(forms.TimeInput):
    """A time of day."""

    input_type = "time"

    def __init__(self) -> None:
        """Show hours and minutes."""
        super().__init__(format="%H:%M")


class ChoicesForm(forms.Form):
    """A box for each kind that can be turned off, quiet hours, a daily summary, and texts."""

    quiet_from = forms.TimeField(label=gettext_lazy("Quiet from"), required=False, widget=ClockInput)
    quiet_until = forms.TimeField(label=gettext_lazy("Quiet until"), required=False, widget=ClockInput)
    summary_at = forms.TimeField(
        label=gettext_lazy("One summary a day, at"),
        required=False,
        help_text=gettext_lazy("What can wait then comes in one email instead of many. Empty: each at once."),
        widget=ClockInput,
    )
    by_text = forms.BooleanField(label=gettext_lazy("Also as a text to my phone, if it can't wait"), required=False)

    def __init__(self, data: QueryDict | None = None, *, wishes: Wishes, is_admin: bool) -> None:
        """Offer the kinds that the person may get; only admins get those for admins."""
        self.before = wishes
        self.kinds = [kind for kind in optional_kinds() if is_admin or not kind.for_admins]
        when = {name: getattr(wishes, name) for name in ("quiet_from", "quiet_until", "summary_at", "by_text")}
        super().__init__(data, initial={**when, **{_field(kind): kind.is_wanted(wishes.kinds) for kind in self.kinds}})
        for kind in self.kinds:
            self.fields[_field(kind)] = forms.BooleanField(label=str(kind.label), required=False)

    def groups(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        """Yield the boxes of each group with its name."""
        for group, kinds in groupby(self.kinds, key=lambda kind: kind.group):
            yield str(KindGroup(group).label), [self[_field(kind)] for kind in kinds]

    def clean(self) -> dict[str, Any]:
        """Refuse half of the quiet hours."""
        given = super().clean() or {}
        times = given.get("quiet_from"), given.get("quiet_until")
        if not self.errors and (times[0] is None) != (times[1] is None):
            self.add_error("quiet_until" if times[0] else "quiet_from", _("Give both times, or none."))
        elif times[0] is not None and times[0] == times[1]:
            self.add_error("quiet_until", _("Quiet hours end at another time than they begin."))
        return given

    def wishes(self) -> Wishes:
        """Return what was chosen; what was not offered stays as it was."""
        given = self.cleaned_data
        chosen = {kind.name: given[_field(kind)] for kind in self.kinds}
        usual = {kind.name: not kind.opt_in for kind in self.kinds}
        kept = {name: on for name, on in self.before.kinds.items() if name not in chosen}
        return Wishes(
            kinds=kept | {name: on for name, on in chosen.items() if on != usual[name]},
            quiet_from=given["quiet_from"],
            quiet_until=given["quiet_until"],
            summary_at=given["summary_at"],
            by_text=given["by_text"],
        )


def _field(kind: Kind) -> str:
    return f"kind_{kind.name}"
