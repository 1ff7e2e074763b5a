"""The outcome of a comparison in a sentence and a table."""

from dataclasses import dataclass
from fractions import Fraction
from functools import partial

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.words import length_words
from common.money import MINUS, round_half_up
from common.translation import money_said
from tickets.models import TariffComparison
from tickets.repricing import LENGTHS


@dataclass(frozen=True, slots=True)
class LengthRow:
    """Stays of one length: how many, and what they cost by each tariff, in minor units."""

    label: str
    stays: int
    old: int
    new: int

    @property
    def more(self) -> int:
        return self.new - self.old


def outcome_words(comparison: TariffComparison) -> str:
    """Return the outcome as people tell it: `Revenue −3.2 %, 12 stays dearer, the dearest by CHF 8.00, 40 cheaper`."""
    money = partial(money_said, currency=comparison.lot.currency)
    parts = [_("Revenue %(change)s") % {"change": _change(comparison, money)}]
    if comparison.dearer:
        said = ngettext("%(stays)s stay dearer", "%(stays)s stays dearer", comparison.dearer)
        most = _("the dearest by %(amount)s") % {"amount": money(comparison.dearest_by)}
        parts += [said % {"stays": comparison.dearer}, most]
    if comparison.cheaper:
        said = ngettext("%(stays)s stay cheaper", "%(stays)s stays cheaper", comparison.cheaper)
        most = _("the cheapest by %(amount)s") % {"amount": money(-comparison.cheapest_by)}
        parts += [said % {"stays": comparison.cheaper}, most]
    if not comparison.dearer and not comparison.cheaper:
        parts.append(_("no stay costs anything else"))
    return ", ".join(parts)


def length_rows(comparison: TariffComparison) -> list[LengthRow]:
    """Return the rows of the table by length of stay, those without stays left out."""
    labels = [_("up to %(length)s") % {"length": length_words(most)} for most in LENGTHS]
    labels.append(_("over %(length)s") % {"length": length_words(LENGTHS[-1])})
    rows = zip(labels, comparison.lengths, strict=False)
    return [LengthRow(label, row["stays"], row["old"], row["new"]) for label, row in rows if row["stays"]]


def _change(comparison: TariffComparison, money: partial[str]) -> str:
    if not comparison.old_amount:
        return _("%(new)s instead of %(old)s") % {"new": money(comparison.new_amount), "old": money(0)}
    more = Fraction(comparison.new_amount - comparison.old_amount, comparison.old_amount)
    tenths = round_half_up(abs(more) * 1000)
    sign = "" if not tenths else "+" if more > 0 else MINUS
    return f"{sign}{tenths // 10}.{tenths % 10} %"
