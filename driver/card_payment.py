"""Taking a card for a stay, in one way for all who come by its number, its link or its plate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now

from accounts.models import User
from billing.code_tries import check_code_tries
from billing.providers import pages_take_cards
from billing.services import CodeUsedUpError
from common.errors import DomainError
from common.time import truncate
from common.web.rate_limits import TooManyRequestsError
from tickets.models import Ticket
from tickets.paying import FeeChangedError, pay_ticket, return_from_page

ON_PAGE = "on_page"
"""The key of the session's last payment that was sent to a page of the provider, with its stay."""
SHOWN_AGAIN = (FeeChangedError, CodeUsedUpError, TooManyRequestsError)
"""What the form is shown again for; after every other error the page itself says where the stay stands."""


@dataclass(frozen=True, slots=True)
class PayersWay:
    """How a payer came to a stay: its page, where a payment with a key leads back to, and what they have proven.

    Paying all of it proves the stay to the account `paid_by`.
    """

    page: str
    back: Callable[[str], str]
    by_number: bool
    paid_by: User | None


def take_by_form(request: HttpRequest, ticket: Ticket, given: Mapping[str, Any], way: PayersWay) -> HttpResponse:
    """Pay a stay by what a valid PayForm says, and lead on: to the provider's page, or to the page of the stay.

    Raises one of SHOWN_AGAIN.
    """
    _leave_page(request, ticket, given["key"])
    code = given.get("promo_code", "")
    try:
        check_code_tries(request, code)
        payment = pay_ticket(
            ticket=ticket,
            method="online" if pages_take_cards() else "card",
            token=given.get("token", ""),
            amount=None,
            agreed_amount=given["amount"],
            idempotency_key=given["key"],
            receipt_email=given.get("receipt_email", ""),
            paid_by=way.paid_by,
            by_number=way.by_number,
            return_url=request.build_absolute_uri(way.back(given["key"])),
            at=truncate(now()),
            promo_code=code,
        )
    except SHOWN_AGAIN:
        raise
    except DomainError:
        # Paid already, being paid, or in review: the page shows it.
        return redirect(way.page)
    if payment is not None and payment.page_url:
        request.session[ON_PAGE] = {"ticket": ticket.pk, "key": given["key"]}
        return redirect(payment.page_url)
    return redirect(way.page)


def _leave_page(request: HttpRequest, ticket: Ticket, key: str) -> None:
    """End the payment that this session left on the provider's page when it pays the same stay again."""
    left = request.session.get(ON_PAGE)
    if left and left["ticket"] == ticket.pk and left["key"] != key:
        return_from_page(ticket=ticket, idempotency_key=left["key"], gave_up=True, at=truncate(now()))
        del request.session[ON_PAGE]
