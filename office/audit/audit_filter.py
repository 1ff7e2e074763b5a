"""The filter of the record of changes."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from analytics.local_days import between_days
from audit.how import How
from audit.models import HOW_LABELS, AuditEntry
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
        return entries.filter(between_days("at", wanted["since"], wanted["until"], zone))

    def _offer(self, name: str, choices: list[tuple[str, object]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 for the type
        field.choices = [("", _("Any")), *choices]
