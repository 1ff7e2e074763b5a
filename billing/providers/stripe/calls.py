"""Calls of Stripe's API by its own library, each within a time limit, with its failures as ours."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import requests
import stripe
import structlog
from django.conf import settings
from urllib3.exceptions import MaxRetryError, NewConnectionError
from urllib3.util import Timeout

from billing.providers.protocol import ProviderRefusedError, ProviderTimeoutError, ProviderUnavailableError

SHORTEST_WAIT = 0.05
CONFLICT = 409
NOT_EXECUTED = (stripe.RateLimitError, stripe.AuthenticationError, stripe.PermissionError)

logger = structlog.get_logger(__name__)
_limit = threading.local()


class LimitedSession(requests.Session):
    """Keeps connections open between calls, and gives each call what is left of its thread's time."""

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request; `limited` has set until when it may take."""
        left = _limit.until - time.monotonic()
        return super().request(*args, **kwargs | {"timeout": Timeout(total=max(SHORTEST_WAIT, left))})


@contextmanager
def limited(timeout: float) -> Iterator[stripe.StripeClient]:
    """Give Stripe's client for calls that together take `timeout` seconds at most.

    Raises ProviderTimeoutError, ProviderUnavailableError, and ProviderRefusedError for what Stripe will never do. A
    declined card is left as stripe.CardError.
    """
    _limit.until = time.monotonic() + timeout
    try:
        yield _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)
    except stripe.CardError:
        raise
    except stripe.APIConnectionError as error:
        raise (ProviderUnavailableError if _never_arrived(error) else ProviderTimeoutError)(str(error)) from error
    except NOT_EXECUTED as error:
        logger.exception("stripe_not_executed", code=error.code)
        raise ProviderUnavailableError(str(error)) from error
    except stripe.InvalidRequestError as error:
        if error.http_status == CONFLICT:
            # A twin with the same key is under way.
            raise ProviderTimeoutError(str(error)) from error
        raise ProviderRefusedError(error.user_message or str(error), error.code or "refused") from error
    except stripe.StripeError as error:
        # It may have been done or not, so the next question tells.
        logger.warning("stripe_failed", status=error.http_status, code=error.code)
        raise ProviderTimeoutError(str(error)) from error


@cache
def _client(key: str, base: str) -> stripe.StripeClient:
    sender = stripe.RequestsClient(session=LimitedSession())
    return stripe.StripeClient(key, base_addresses={"api": base}, http_client=sender, max_network_retries=0)


def _never_arrived(error: stripe.APIConnectionError) -> bool:
    """Return whether no connection was made, so that the request certainly did not reach Stripe."""
    cause = error.__cause__
    if isinstance(cause, requests.ConnectTimeout):
        return True
    inner = cause.args[0] if isinstance(cause, requests.ConnectionError) and cause.args else None
    return isinstance(inner, MaxRetryError) and isinstance(inner.reason, NewConnectionError)
