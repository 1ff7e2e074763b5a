"""Offers and passes for tests: a month of CHF 120.00 from one Monday in March on."""

import datetime as dt
from typing import Any

from allauth.account.models import EmailAddress

from accounts.models import User
from billing.services import PayBy
from lots.models import Lot
from passes.models import Company, CompanyManager, Pass, PassOffer
from passes.services import (
    CompanyWish,
    HeldBy,
    OfferWish,
    PassWish,
    add_manager,
    buy_pass,
    grant_pass,
    make_company,
    make_offer,
)
from tests.factories import make_user

NOW = dt.datetime(2026, 3, 2, 7, tzinfo=dt.UTC)
TODAY = dt.date(2026, 3, 2)
DAY = dt.timedelta(days=1)


def offered(*lots: Lot, **fields: Any) -> PassOffer:
    """Offer a month for CHF 120.00 at some lots, online."""
    defaults = {"name": "Month", "kind": "month", "price_amount": 12000, "period_months": 1, "online": True}
    wish = OfferWish(lots=lots, **defaults | fields)
    return make_offer(operator=lots[0].operator, wish=wish, at=NOW)


def company_of(lot: Lot, name: str = "Helvetia Ltd") -> Company:
    wish = CompanyWish(name=name, email="fleet@example.com", address="1 High St, Bern", tax_id="CHE-1")
    return make_company(operator=lot.operator, wish=wish, at=NOW)


def manager_of(company: Company, person: User, *, at: dt.datetime = NOW) -> CompanyManager:
    """Let a person who has confirmed the address of the account manage a company's passes."""
    own = {"verified": True, "primary": True}
    EmailAddress.objects.get_or_create(user=person, email=person.email, defaults=own)
    return add_manager(company=company, email=person.email, by=person, at=at)


def granted(offer: PassOffer, *plates: str, at: dt.datetime = NOW, **fields: Any) -> Pass:
    """Give a pass to a driver of its own, or to whom `to` says, by an admin of the operator."""
    to = fields.pop("to", None) or HeldBy(user=make_user())
    days = {"valid_from": fields.pop("valid_from", TODAY), "valid_until": fields.pop("valid_until", None)}
    by = fields.pop("by", None) or make_user("admin", offer.operator)
    wish = PassWish(offer=offer, plates=plates or ("ZH 1",), **days)
    return grant_pass(wish=wish, to=to, by=by, at=at, **fields)


def pool(lot: Lot, spaces: int, *plates: str, **fields: Any) -> Pass:
    """Give a company's pool of some spaces for its plates."""
    at_lots = fields.pop("lots", (lot,))
    offer = offered(*at_lots, name="Fleet", spaces=spaces, most_plates=500, **fields.pop("terms", {}))
    return granted(offer, *plates, to=HeldBy(company=fields.pop("company", None) or company_of(lot)), **fields)


def bought(offer: PassOffer, holder: User | None = None, **fields: Any) -> Pass:
    """Buy a pass at NOW."""
    wish = PassWish(offer=offer, plates=fields.pop("plates", ["ZH 1"]), valid_from=fields.pop("valid_from", TODAY))
    by = fields.pop("pay_by", PayBy(token=fields.pop("token", "tok_ok")))
    return buy_pass(wish=wish, holder=holder or make_user(), pay_by=by, **{"at": NOW} | fields)


def reloaded(held: Pass) -> Pass:
    return Pass.objects.select_related("lot__operator", "company", "holder").get(pk=held.pk)
