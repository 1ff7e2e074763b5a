"""The passes that an operator sells."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Operator
from billing.pricing.windows import DAY_MINUTES, DAY_NAMES
from common.errors import InvalidValueError
from lots.compatibility import SpotType
from lots.models import Lot
from passes.models import PassOffer
from passes.models.terms import TERMS
from passes.pass_rules import PassKind, PassRenewal, PoolFull


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferWish:
    """A pass as it is to be sold; the terms are those of `passes.models.terms.PassTerms`."""

    name: str
    kind: str
    price_amount: int
    lots: Sequence[Lot]
    terms: str = ""
    online: bool = False
    tax_percent: Decimal = Decimal(0)
    period_months: int = 0
    period_days: int = 0
    days: Sequence[str] = ()
    opens_minute: int = 0
    closes_minute: int = DAY_MINUTES
    spot_types: Sequence[str] = ()
    most_plates: int = 1
    spaces: int | None = None
    entries: int | None = None
    per_day: bool = False
    renewal: str = PassRenewal.NONE
    grace_days: int = 5
    swaps_per_month: int = 2
    pool_full: str = PoolFull.PAY
    cancel_fee_amount: int = field(default=0)


@transaction.atomic
def make_offer(*, operator: Operator, wish: OfferWish, at: datetime) -> PassOffer:
    """Write a pass that an operator sells. Raises InvalidValueError naming the field."""
    return _written(PassOffer(operator=operator, created_at=at), wish)


@transaction.atomic
def change_offer(*, offer: PassOffer, wish: OfferWish) -> PassOffer:
    """Change what is sold from now on; passes that were sold stay as they are. Raises InvalidValueError."""
    return _written(offer, wish)


@transaction.atomic
def archive_offer(*, offer: PassOffer, at: datetime) -> PassOffer:
    """Sell a pass no more. Idempotent."""
    if offer.archived_at is None:
        offer.archived_at = at
        offer.save(update_fields=["archived_at"])
    return offer


def _written(offer: PassOffer, wish: OfferWish) -> PassOffer:
    _check(offer.operator, wish)
    for name in ("name", "terms", "online", *TERMS):
        value = getattr(wish, name)
        setattr(offer, name, list(value) if name in {"days", "spot_types"} else value)
    offer.save()
    offer.lots.set(wish.lots)
    return offer


def _check(operator: Operator, wish: OfferWish) -> None:
    """Refuse what can't be sold, at its field."""
    refusals = (
        ("name", not wish.name.strip(), _("Give the pass a name.")),
        ("kind", wish.kind not in {*PassKind}, _("Choose a kind of pass.")),
        ("renewal", wish.renewal not in {*PassRenewal}, _("Choose what comes after the last day.")),
        ("pool_full", wish.pool_full not in {*PoolFull}, _("Choose what happens when no space is left.")),
        ("lots", not wish.lots, _("Choose at least one lot.")),
        ("lots", any(lot.operator_id != operator.pk for lot in wish.lots), _("Choose lots of this operator.")),
        ("lots", len({lot.currency for lot in wish.lots}) > 1, _("Choose lots with the same currency.")),
        ("price_amount", wish.price_amount < 0, _("The price can't be below nothing.")),
        ("period_months", (wish.period_months > 0) == (wish.period_days > 0), _("Say for how many months, or days.")),
        ("days", not {*wish.days} <= {*DAY_NAMES}, _("Choose days of the week, or holidays.")),
        ("spot_types", not {*wish.spot_types} <= {*SpotType}, _("Choose types of spots.")),
        ("opens_minute", not 0 <= wish.opens_minute < DAY_MINUTES, _("Give a time of day.")),
        ("closes_minute", not 0 <= wish.closes_minute <= DAY_MINUTES, _("Give a time of day.")),
        ("spaces", wish.spaces is not None and wish.spaces < 1, _("This must be at least one.")),
        ("most_plates", wish.most_plates < 1, _("This must be at least one.")),
        ("entries", wish.kind == PassKind.ENTRIES and not wish.entries, _("Say how many entries it has.")),
        ("entries", wish.entries is not None and wish.entries < 1, _("This must be at least one.")),
        ("cancel_fee_amount", wish.cancel_fee_amount < 0, _("The fee can't be below nothing.")),
    )
    for path, is_wrong, message in refusals:
        if is_wrong:
            raise InvalidValueError(message, path=path)
