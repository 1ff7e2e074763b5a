"""What charges are for, told by the rooms that sell it, and the credits that lower them, for their documents."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from billing.documents.content import Owed
from billing.models import Charge, Credit, CreditKind


@dataclass(frozen=True, slots=True)
class Subject:
    """What a charge is for, as a document freezes it; instants are ISO texts in local time.

    `holders` are the email addresses of those who have proven that it is theirs, `holder` is the name of the first.
    """

    reference: str = ""
    plate: str = ""
    plate_normalised: str = ""
    entry: str = ""
    until: str = ""
    has_left: bool = False
    link: str = ""
    holder: str = ""
    holders: tuple[str, ...] = ()


Describe = Callable[[Sequence[Charge]], Mapping[int, Subject]]

_describers: list[Describe] = []
_UNKNOWN = Subject()


def register_subjects(describe: Describe) -> None:
    """Ask `describe` about charges that get documents; call it at start-up. It returns its own subjects by charge."""
    _describers.append(describe)


@dataclass(frozen=True, slots=True)
class ChargeFacts:
    """What the documents of some charges need to know about them, loaded at once."""

    subjects: Mapping[int, Subject]
    credits: Mapping[int, Sequence[tuple[str, int]]]

    def subject(self, charge: Charge) -> Subject:
        """Return what a charge is for; an empty subject when no room knows."""
        return self.subjects.get(charge.pk, _UNKNOWN)

    def owed(self, charge: Charge) -> Owed:
        """Return a charge as its documents see it."""
        return Owed(charge.lines, charge.due_amount, self.credits.get(charge.pk, ()), charge.tax_percent)


def facts_of(charges: Iterable[Charge]) -> ChargeFacts:
    """Load what the documents of charges need to know."""
    rows = list({charge.pk: charge for charge in charges}.values())
    credited: dict[int, list[tuple[str, int]]] = {}
    lowered = [charge for charge in rows if charge.credited_amount]
    for credit in _standing_credits(lowered) if lowered else ():
        credited.setdefault(credit.charge_id, []).append((credit.reason, credit.amount))
    subjects = {key: subject for describe in _describers for key, subject in describe(rows).items()} if rows else {}
    return ChargeFacts(subjects, credited)


def _standing_credits(charges: Sequence[Charge]) -> Iterable[Credit]:
    # A goodwill credit belongs to a refund, which has a credit note of its own.
    standing = Credit.objects.standing().exclude(kind=CreditKind.GOODWILL)
    return standing.filter(charge__in=charges).order_by("created_at", "pk")
