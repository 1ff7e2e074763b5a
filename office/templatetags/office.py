"""Template tags of the office pages."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.timezone import now
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.access import runs_installation
from accounts.models import User
from analytics.attention import Finding
from analytics.flags import flag_badge
from billing.books.spans import Span
from billing.models import PaymentMethod, Tariff
from billing.tariffs import standing_of
from common.translation import active_locale
from common.web.attention_links import attention_link
from common.web.templatetags.look import duration
from lots.calendar import local_day
from notifications.models import Message
from office.messages.outbox_queries import about, subject_of
from office.stays.stay_history import closed_as, why_in_review
from passes.models import PassStatus
from reservations.models import Reservation, ReservationStatus
from tickets.models import Ticket, TicketStatus

register = template.Library()
_FAILURES = {
    "cancelled": _("cancelled"),
    "declined": _("declined"),
    "expired": _("expired"),
    "paid_twice": _("paid_twice"),
    "partial": _("partial"),
    "timeout": _("timeout"),
}

_PEOPLE_PAGES = (
    (_("People"), "people"),
    (_("Waived"), "waivers"),
    (_("Blocked plates"), "blocked"),
    (_("Permits"), "permits"),
)
_DISCOUNT_PAGES = (
    (_("Merchants"), "merchants"),
    (_("Promo codes"), "promo_codes"),
    (_("Vouchers"), "vouchers"),
)
_MONEY_PAGES = (
    (_("Revenue"), "revenue"),
    (_("Payments"), "payments"),
    (_("Refunds"), "refunds"),
    (_("Debts"), "debts"),
    (_("Documents"), "documents"),
    (_("Shifts"), "shifts"),
    (_("Months"), "reports"),
)
WHOLE_MONEY = frozenset({"reports"})
"""What is told of an operator as a whole."""
_SYSTEM_PAGES = (
    (_("Messages"), "messages"),
    (_("Templates"), "message_templates"),
    (_("Tasks"), "tasks"),
    (_("Webhooks"), "webhooks"),
    (_("API keys"), "keys"),
    (_("Changes"), "audit"),
)
_APPLICATIONS = (_("Applications"), "entrance:applications")
_PASS_PAGES = (
    (_("Passes"), "passes"),
    (_("What is sold"), "pass_offers"),
    (_("Companies"), "pass_companies"),
    (_("Import"), "new_pass_import"),
)
_TONES: dict[str, str] = {
    TicketStatus.ACTIVE: "accent",
    TicketStatus.PAID: "ok",
    TicketStatus.REVIEW: "warn",
    TicketStatus.VOID: "stop",
}
_BOOKING_TONES: dict[str, str] = {
    ReservationStatus.CONFIRMED: "accent",
    ReservationStatus.ACTIVE: "ok",
    ReservationStatus.PENDING: "warn",
    ReservationStatus.NO_SHOW: "warn",
    ReservationStatus.CANCELLED: "stop",
}
_PASS_TONES: dict[str, str] = {
    PassStatus.DRAFT: "warn",
    PassStatus.ACTIVE: "ok",
    PassStatus.SUSPENDED: "stop",
}


@register.simple_tag
def pass_tone(status: str) -> str:
    """Return the tone of the badge for a pass's state."""
    return _PASS_TONES.get(status, "")


@register.simple_tag
def change_words(percent: int | None, at: datetime, zone: str) -> str:
    """Return a change since the same time a week ago: `+6 % on last Fri by now`."""
    week_ago = (at - timedelta(days=7)).astimezone(ZoneInfo(zone))
    weekday, full = (format_date(week_ago, pattern, locale=active_locale()) for pattern in ("EEE", "EEEE"))
    if percent is None:
        return gettext("no figures for last %(weekday)s") % {"weekday": full}
    sign = {True: "+", False: "−"}[percent >= 0]
    return gettext("%(sign)s%(percent)s %% on last %(weekday)s by now") % {
        "sign": sign,
        "percent": abs(percent),
        "weekday": weekday,
    }


@register.simple_tag
def span_words(span: Span) -> str:
    """Return days in words: a day, a month, a year, or from one to the other."""
    first, last = (format_date(day, "medium", locale=active_locale()) for day in (span.first, span.last))
    if span.length == 1:
        return format_date(span.first, "full", locale=active_locale())
    if span == Span.of_month(span.first):
        return format_date(span.first, "MMMM yyyy", locale=active_locale())
    return f"{first} – {last}"


@register.simple_tag
def compared_words(now: int, before: int) -> str:
    """Return a change in whole percent, with its sign; empty when there was nothing before."""
    if before <= 0:
        return ""
    change = round(100 * (now - before) / before)
    return f"{'−' if change < 0 else '+'}{abs(change)} %"


@register.simple_tag
def method_words(method: str) -> str:
    """Return a payment method in words."""
    return str(PaymentMethod(method).label)


@register.simple_tag
def status_tone(status: str) -> str:
    """Return the tone of the badge for a stay's state."""
    return _TONES.get(status, "")


@register.simple_tag
def stayed(stay: Ticket, at: datetime) -> str:
    """Return how long a stay took, or takes by now."""
    return duration((stay.exit_at or at) - stay.entry_at)


@register.simple_tag
def booking_tone(status: str) -> str:
    """Return the tone of the badge for a booking's state."""
    return _BOOKING_TONES.get(status, "")


@register.simple_tag
def booking_place(booking: Reservation) -> str:
    """Return where a booking is: the number of its spot, or its level and numbered place."""
    if booking.spot is not None:
        return booking.spot.number
    if booking.level is not None and booking.place is not None:
        return f"{booking.level.name} {booking.place}"
    return gettext("no place")


@register.simple_tag
def status_word(status: str) -> str:
    """Return a stay's state in words."""
    return str(TicketStatus(status).label)


@register.simple_tag
def finding_link(finding: Finding) -> str:
    """Return the page that settles a finding."""
    return attention_link(finding.kind, lot=finding.lot, flag=finding.flag)


@register.simple_tag
def skew_words(seconds: int) -> str:
    """Return how far a device's clock was off: `clock 1 h behind`."""
    said = gettext("clock %(time)s ahead") if seconds > 0 else gettext("clock %(time)s behind")
    return said % {"time": duration(timedelta(seconds=abs(seconds)))}


@register.simple_tag
def review_why(why: str) -> str:
    """Return why a stay is in review."""
    return why_in_review(why)


@register.simple_tag
def end_words(reason: str) -> str:
    """Return how a stay ended."""
    return closed_as(reason)


@register.simple_tag
def message_subject(message: Message) -> str:
    """Return what a message is about."""
    return subject_of(message)


@register.simple_tag
def message_about(message: Message) -> str:
    """Return what caused a message, such as a booking's code."""
    return about(message)


@register.simple_tag
def flag_name(flag: str) -> str:
    """Return the short name of an event's flag."""
    return flag_badge(flag)


@register.simple_tag
def tariff_standing(tariff: Tariff) -> str:
    """Return a tariff's state on the lot's current day."""
    return standing_of(tariff, local_day(tariff.lot, now()))


@register.simple_tag
def people_tabs(path: str) -> list[dict[str, object]]:
    """Return the tabs of the people pages, with the current one marked."""
    return _tabs(_PEOPLE_PAGES, path)


@register.simple_tag
def discount_tabs(path: str) -> list[dict[str, object]]:
    """Return the tabs of the pages of discounts, with the current one marked."""
    return _tabs(_DISCOUNT_PAGES, path)


@register.simple_tag
def money_tabs(path: str, person: User) -> list[dict[str, object]]:
    """Return the tabs of the money pages that a person may open, with the current one marked."""
    pages = [page for page in _MONEY_PAGES if page[1] not in WHOLE_MONEY or not person.is_limited_to_lots]
    return _tabs(pages, path)


@register.simple_tag
def system_tabs(request: HttpRequest) -> list[dict[str, object]]:
    """Return the tabs of the pages of what the system does by itself, with the current one marked.

    Where companies may apply as operators, their applications are among them for who runs the installation.
    """
    has_applications = settings.OPERATORS_MAY_APPLY and runs_installation(request.user)
    return _tabs((*_SYSTEM_PAGES, _APPLICATIONS) if has_applications else _SYSTEM_PAGES, request.path)


@register.simple_tag
def passes_tabs(path: str) -> list[dict[str, object]]:
    """Return the tabs of the pages of passes, with the current one marked."""
    return _tabs(_PASS_PAGES, path)


@register.simple_tag
def age_words(since: datetime, at: datetime) -> str:
    """Return how many days ago something was: `12 days`."""
    days = (at - since).days
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


@register.filter
def failure_word(failure: str) -> str:
    """Return why a payment failed; what only its provider knows in the provider's own word."""
    return str(_FAILURES.get(failure, failure))


@register.simple_tag
def refund_failure(failure: str) -> str:
    """Return why a provider has not returned a refund; a refusal in the provider's own word."""
    known = {
        "timeout": gettext("The provider did not answer."),
        "unavailable": gettext("The provider can't be reached."),
        "error": gettext("The provider's answer was not understood."),
    }
    refused = gettext("The provider refuses: %(reason)s.") % {"reason": failure.replace("_", " ")}
    return known.get(failure, refused)


def _tabs(entries: Sequence[tuple[str | Promise, str]], path: str) -> list[dict[str, object]]:
    pages = [(label, reverse(name if ":" in name else f"office:{name}")) for label, name in entries]
    current = max((href for _label, href in pages if path.startswith(href)), key=len, default="")
    return [{"label": label, "href": href, "current": href == current} for label, href in pages]
