"""The page that settles each kind of finding, by name, for all faces that list findings."""

from urllib.parse import urlencode

from django.urls import reverse

PAGES = {
    "review": "office:reviews",
    "long": "office:stays",
    "debt": "office:debts",
    "objection": "office:objections",
    "no_place": "office:exceptions",
    "not_parked": "office:exceptions",
    "message": "office:messages",
    "mail": "office:messages",
    "maintenance": "office:lots",
    "flag": "office:exceptions",
    "held": "office:gates",
    "silent": "office:gates",
    "skew": "office:gates",
    "gap": "office:gates",
    "tariff_ends": "office:tariffs",
    "no_tariff": "office:tariffs",
    "shift": "office:shifts",
}


_FILTERS = {"long": {"long": "on"}}
"""What else of its page a kind asks for."""


def attention_link(kind: str, *, lot: str = "", flag: str = "") -> str:
    """Return the URL of the page that settles a kind of finding, filtered by lot slug and event flag if given."""
    wanted = _FILTERS.get(kind, {}) | {name: value for name, value in (("flag", flag), ("lot", lot)) if value}
    path = reverse(PAGES[kind])
    return f"{path}?{urlencode(wanted)}" if wanted else path
