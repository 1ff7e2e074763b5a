"""Countries: their names, and the timezone, currency and public holidays that follow from one."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

import holidays
from babel import Locale
from babel.numbers import get_territory_currencies
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation.trans_real import parse_accept_lang_header

OF_ALPHA_2 = 2
USUAL_COUNTRIES = {"de": "DE", "en": "GB", "es": "ES", "fr": "FR"}
"""Where a browser that names no country is taken to be, by its language."""


@dataclass(frozen=True, slots=True)
class CountryFacts:
    """What follows from a country; `holidays` is its code where its public holidays are known, else empty."""

    code: str
    timezone: str
    currency: str
    holidays: str


def facts_of(code: str) -> CountryFacts | None:
    """Return what follows from a country; the first of its timezones stands for all of them. None for no country."""
    return _every().get(code)


def operator_values(name: str, country: str) -> dict[str, str]:
    """Return what an operator of a country, one of `country_choices`, begins with, by field name."""
    facts = facts_of(country)
    assert facts is not None  # noqa: S101 - one of the choices
    return {"name": name, "currency": facts.currency, "timezone": facts.timezone}


def country_choices() -> list[tuple[str, str]]:
    """Return the countries with their names in the language of the page, in its order."""
    return sorted(((code, country_name(code)) for code in _every()), key=lambda one: one[1].casefold())


def country_name(code: str) -> str:
    """Return the name of a country in the language of the page; its code where it has none."""
    return str(_locale().territories.get(code, code))


def country_of_zone(timezone: str) -> str:
    """Return the country of a timezone, empty for one of none."""
    return next((country for country, zone in _zones() if zone == timezone), "")


def guessed_country(request: HttpRequest) -> str:
    """Return the country that a browser's languages name, or the usual one of the first it knows; empty for none."""
    asked = [tag.split("-") for tag, _ in parse_accept_lang_header(request.headers.get("Accept-Language", ""))]
    named = (parts[-1].upper() for parts in asked if len(parts) > 1 and parts[-1].upper() in _every())
    usual = (USUAL_COUNTRIES[parts[0]] for parts in asked if parts[0] in USUAL_COUNTRIES)
    return next(named, next(usual, ""))


def _locale() -> Locale:
    return Locale.parse(get_language() or "en", sep="-")


@cache
def _every() -> dict[str, CountryFacts]:
    known = holidays.list_supported_countries()
    found: dict[str, CountryFacts] = {}
    for country, zone in _zones():
        currencies = get_territory_currencies(country)
        if country not in found and currencies:
            found[country] = CountryFacts(country, zone, currencies[0], country if country in known else "")
    return found


@cache
def _zones() -> tuple[tuple[str, str], ...]:
    """Return each country with each of its timezones, as `zone.tab` lists them: by country, the largest first."""
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return tuple((row[0], row[2]) for row in rows if len(row[0]) == OF_ALPHA_2 and row[2] in available_timezones())
