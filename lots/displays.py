"""Which language is spoken to whom: by the displays of a lot, and in mails about it."""

from collections.abc import Collection, Mapping

from django.conf import settings
from django.db.models import CharField
from django.db.models.functions import Cast

from accounts.models import User
from lots.models import Lot


def languages_of(lot: Lot) -> list[str]:
    """Return the languages of a lot's displays, at least one: its own, else the installation's, and its second."""
    first = lot.language or settings.LANGUAGE_CODE
    return [first, lot.second_language] if lot.second_language else [first]


def language_for(person: User | None, lot: Lot) -> str:
    """Return in which language a person is written to about a lot: their own, else the first of the lot."""
    return (person.locale if person else "") or languages_of(lot)[0]


def languages_for(addresses: Collection[str], lots: Collection[int]) -> Mapping[tuple[str, int], str]:
    """Return the same for email addresses and the keys of lots, each pair with its language; one statement."""
    people = User.objects.filter(email__in={address.lower() for address in addresses}, is_active=True)
    own = people.exclude(locale="").values_list("email", "locale")
    spoken = Lot.objects.filter(pk__in=lots).exclude(language="").values_list(Cast("pk", CharField()), "language")
    told = dict(own.union(spoken, all=True))
    return {
        (address, lot): told.get(address.lower()) or told.get(str(lot)) or settings.LANGUAGE_CODE
        for address in addresses
        for lot in lots
    }
