"""By what a person pays a booking or a pass."""

from django.http import HttpRequest

from api.auth import person_of
from api.booking_schemas import CardIn
from billing.access import load_saved_card
from billing.services import PayBy
from common.web.rate_limits import check_rate

CARDS_PER_MINUTE = 60


def pay_by_card(request: HttpRequest, card: CardIn | None, back: str) -> PayBy:
    """Return by what is paid, with the path to which its page leads back.

    Raises TooManyRequestsError for a person who tries too many cards, and NotFoundError for a card of somebody else.
    """
    return_url = request.build_absolute_uri(back)
    if card is None:
        return PayBy(return_url=return_url)
    check_rate("card", str(person_of(request).pk), per_minute=CARDS_PER_MINUTE)
    saved = None if card.saved_method is None else load_saved_card(person_of(request), card.saved_method)
    return PayBy(token=card.token or "", saved_method=saved, return_url=return_url)
