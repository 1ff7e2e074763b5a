"""Passes and their terms in words, as pages and mails say them."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.pricing.windows import clock_text
from billing.words import days_words
from passes.models import Pass
from passes.models.terms import PassTerms


@dataclass(frozen=True, slots=True)
class TermsWords:
    """The terms of a pass or an offer in words; `entries` is empty for any number."""

    period: str
    hours: str
    cars: str
    entries: str


def terms_words(terms: PassTerms) -> TermsWords:
    """Return the terms of a pass or an offer in words."""
    return TermsWords(_period(terms), _hours(terms), _cars(terms), _entries(terms))


def holder_words(held: Pass) -> str:
    """Return who has a pass: the company, the name or the address of its holder."""
    if held.company is not None:
        return held.company.name
    return held.holder_name or held.email or str(held.holder)


def _period(terms: PassTerms) -> str:
    """Return how long a period lasts: `1 month`, `30 days`."""
    if terms.period_months:
        return ngettext("%(months)s month", "%(months)s months", terms.period_months) % {"months": terms.period_months}
    return ngettext("%(days)s day", "%(days)s days", terms.period_days) % {"days": terms.period_days}


def _hours(terms: PassTerms) -> str:
    """Return when a pass counts: `Every day, at any time`, `Mon–Fri, 18:00–08:00`."""
    days = days_words(tuple(terms.days)) or _("Every day")
    is_always = terms.opens_minute == terms.closes_minute or terms.closes_minute - terms.opens_minute == 24 * 60
    span = f"{clock_text(terms.opens_minute)}–{clock_text(terms.closes_minute)}"
    return f"{days}, {_('at any time') if is_always and not terms.opens_minute else span}"


def _cars(terms: PassTerms) -> str:
    """Return for how many plates a pass is, and how many of them may be inside at once."""
    plates = ngettext("%(plates)s plate", "%(plates)s plates", terms.most_plates) % {"plates": terms.most_plates}
    if terms.spaces is None or terms.spaces >= terms.most_plates:
        return plates
    inside = ngettext("%(spaces)s inside at once", "%(spaces)s inside at once", terms.spaces)
    return f"{plates}, {inside % {'spaces': terms.spaces}}"


def _entries(terms: PassTerms) -> str:
    """Return how many entries a period has; empty for any number."""
    if terms.entries is None:
        return ""
    entries = ngettext("%(entries)s entry", "%(entries)s entries", terms.entries) % {"entries": terms.entries}
    return _("%(entries)s, one for each day of a stay") % {"entries": entries} if terms.per_day else entries
