"""Where each kind of finding is settled: the names of the operators' pages, for every face that lists findings."""

from urllib.parse import urlencode

from django.urls import reverse

PAGES = {
    "review": "office:reviews",
    "debt": "office:debts",
    "message": "office:messages",
    "mail": "office:messages",
    "maintenance": "office:lots",
    "flag": "office:events",
    "silent": "office:gates",
    "skew": "office:gates",
    "gap": "office:gates",
    "tariff_ends": "office:tariffs",
    "no_tariff": "office:tariffs",
}


def attention_link(kind: str, *, lot: str = "", flag: str = "") -> str:
    """Return the page that settles a kind of finding, narrowed to a lot's slug and an event's flag where given."""
    wanted = {name: value for name, value in (("flag", flag), ("lot", lot)) if value}
    path = reverse(PAGES[kind])
    return f"{path}?{urlencode(wanted)}" if wanted else path
