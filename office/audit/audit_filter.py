"""The filter of the record of changes."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from audit.how import How
from audit.models import HOW_LABELS, AuditEntry
from common.time import midnight_of
from lots.access import LotName
from office.audit.column_words import KINDS


class AuditFilter(forms.Form):
    """Which changes to list."""

    kind = forms.ChoiceField(label=_("Kind"), required=False)
    who = forms.ChoiceField(label=_("Who"), required=False)
    lot = forms.ChoiceField(label=_("Lot"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data: QueryDict, *, people: Iterable[User], lots: Iterable[LotName]) -> None:
        """Offer the people who changed something, and the lots."""
        super().__init__(data)
        self._offer("kind", [(name, words) for name, (words, _tables) in KINDS.items()])
        others = [(how.value, HOW_LABELS[how]) for how in (How.TASK, How.COMMAND, How.DATABASE)]
        self._offer("who", [*((str(person.pk), str(person)) for person in people), *others])
        self.lots = {lot.slug: lot for lot in lots}
        self._offer("lot", [(slug, lot.name) for slug, lot in self.lots.items()])

    def add_prefix(self, field_name: str) -> str:
        """Name the days `from` and `to` in the address, as the API does."""
        return {"since": "from", "until": "to"}.get(field_name, field_name)

    def chosen(self, entries: QuerySet[AuditEntry], zone: ZoneInfo) -> QuerySet[AuditEntry]:
        """Keep the entries that are asked for; days are by the clock of a zone."""
        wanted = self.cleaned_data
        if wanted["kind"]:
            entries = entries.filter(subject__in=KINDS[wanted["kind"]][1])
        if wanted["who"]:
            who = wanted["who"]
            entries = entries.filter(by=int(who)) if who.isdigit() else entries.filter(how=who)
        if wanted["lot"]:
            entries = entries.filter(lot=self.lots[wanted["lot"]].pk)
        since, until = wanted["since"], wanted["until"]
        if since and since > date.min:
            entries = entries.filter(at__gte=midnight_of(since, zone))
        if until and until < date.max:
            entries = entries.filter(at__lt=_end_of(until, zone))
        return entries

    def _offer(self, name: str, choices: list[tuple[str, object]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 for the type
        field.choices = [("", _("Any")), *choices]


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return midnight_of(day + timedelta(days=1), zone)
