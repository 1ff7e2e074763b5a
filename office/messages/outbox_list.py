"""The list of messages: columns, filter, and what it finds."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.access import operators_of
from accounts.models import Role, User
from analytics.local_days import between_days
from common.web.listing import ListColumn, Listing, RowsAct, Sought
from notifications.kinds import known_kinds
from notifications.models import Message, MessageState
from office.list_filters import DaysFilter, choices_with

MESSAGES = Listing(
    "messages",
    _("Messages"),
    columns=(
        ListColumn("what", _("What"), "template"),
        ListColumn("to", pgettext_lazy("recipient", "To"), "recipient"),
        ListColumn("about", _("About")),
        ListColumn("when", _("When"), "created_at", style="cell-key", falls=True),
        ListColumn("state", _("State"), "state"),
        ListColumn("again", _("Try again"), style="end"),
    ),
    usual="-when",
    along="when",
    part="operator",
    row="office/messages/_row.html",
    url="office:messages",
    acts=(RowsAct("office:bulk", _("Send again…"), "send"),),
    noun=_("messages"),
    none=_("No messages found"),
    hint=_("Try a part of the address, another kind or more days."),
    exported="messages",
)


class MessagesFilter(DaysFilter):
    """Which messages to list."""

    q = forms.CharField(label=_("Address or reference"), required=False, max_length=120)
    state = forms.ChoiceField(label=_("State"), choices=choices_with(_("Any"), MessageState.choices), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    field_order = ["q", "state", "kind", "since", "until"]

    def __init__(self, *args: object, **options: object) -> None:
        """Offer the kinds that belong to operators."""
        super().__init__(*args, **options)  # type: ignore[arg-type]
        kinds = [(kind.name, kind.label) for kind in known_kinds() if kind.of_operator]
        field = self.fields["kind"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 for the type
        field.choices = choices_with(_("Any"), kinds)


def find_messages(person: User, wanted: dict[str, Any], zone: ZoneInfo) -> Sought:
    """Return the messages of a person's operators that match a valid MessagesFilter; its days are those of a zone."""
    operators = list(operators_of(person, Role.ADMIN).order_by("pk").values_list("pk", flat=True))
    days = between_days("created_at", wanted.get("since"), wanted.get("until"), zone)
    found, sieve = Message.objects.filter(days, operator__in=operators), Q()
    if text := wanted.get("q", "").strip():
        sieve &= Q(recipient__icontains=text) | Q(key__icontains=text)
    if kind := wanted.get("kind"):
        sieve &= Q(template=kind)
    state = wanted.get("state")
    if state in {MessageState.QUEUED, MessageState.PARKED}:
        found = found.filter(state=state)  # few, and found by an index
    elif state:
        sieve &= Q(state=state)
    return Sought(found, sieve, parts=operators)
