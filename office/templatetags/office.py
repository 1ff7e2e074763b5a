"""Template tags of the office pages."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from django import template
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analytics.attention import Finding
from analytics.flags import flag_badge
from billing.models import Tariff
from billing.tariffs import standing_of
from common.web.attention_links import attention_link
from common.web.templatetags.look import duration
from lots.calendar import local_day
from notifications.models import Message
from office.outbox import subject_of
from office.stays.stay_history import closed_as, why_in_review
from tickets.models import TicketStatus

register = template.Library()

_PEOPLE_PAGES = (
    (_("People"), "people"),
    (_("Waived"), "waivers"),
    (_("Debts"), "debts"),
    (_("Blocked plates"), "blocked"),
    (_("Permits"), "permits"),
    (_("Shifts"), "shifts"),
)
_TONES: dict[str, str] = {
    TicketStatus.ACTIVE: "accent",
    TicketStatus.PAID: "ok",
    TicketStatus.REVIEW: "warn",
    TicketStatus.VOID: "stop",
}


@register.simple_tag
def change_words(percent: int | None, at: datetime, zone: str) -> str:
    """Return a change since the same time a week ago: `+6 % on last Fri by now`."""
    week_ago = (at - timedelta(days=7)).astimezone(ZoneInfo(zone))
    weekday, full = (format_date(week_ago, pattern, locale=_locale()) for pattern in ("EEE", "EEEE"))
    if percent is None:
        return gettext("no figures for last %(weekday)s") % {"weekday": full}
    sign = {True: "+", False: "−"}[percent >= 0]
    return gettext("%(sign)s%(percent)s %% on last %(weekday)s by now") % {
        "sign": sign,
        "percent": abs(percent),
        "weekday": weekday,
    }


@register.simple_tag
def status_tone(status: str) -> str:
    """Return the tone of the badge for a stay's state."""
    return _TONES.get(status, "")


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
    pages = [(label, reverse(f"office:{name}")) for label, name in _PEOPLE_PAGES]
    return [{"label": label, "href": href, "current": path.startswith(href)} for label, href in pages]


def _locale() -> str:
    return translation.to_locale(translation.get_language() or "en")
