"""Texts by HTTP, through Twilio or any provider that has its interface."""

from http import HTTPStatus

import requests
from django.conf import settings

from notifications.texts.text_protocol import OutgoingText, TextRefusedError, TextUnavailableError

_WAIT = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_OUR_FAULT = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND})
"""What our own settings cause: another text would fare no better, and all go out once they are right."""
_WORDS = 200


class HttpTexts:
    """Posts each text to the account in TEXT_ACCOUNT; a repeated one is sent under the same idempotency key."""

    simulated = False

    def send(self, text: OutgoingText, *, timeout: float) -> None:
        """Hand a text over. Raises TextUnavailableError, TextRefusedError."""
        url = f"{settings.TEXT_API_BASE}/2010-04-01/Accounts/{settings.TEXT_ACCOUNT}/Messages.json"
        try:
            answer = requests.post(
                url,
                data={"To": text.phone, "From": settings.TEXT_SENDER, "Body": text.text},
                auth=(settings.TEXT_ACCOUNT, settings.TEXT_SECRET),
                headers={"Idempotency-Key": text.reference},
                timeout=timeout,
            )
        except requests.RequestException as error:
            raise TextUnavailableError(repr(error)) from error
        if answer.ok:
            return
        said = f"{answer.status_code} {_said(answer)}"
        code = answer.status_code
        if code in _WAIT or code in _OUR_FAULT or code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise TextUnavailableError(said)
        raise TextRefusedError(said)


def _said(answer: requests.Response) -> str:
    try:
        return str(answer.json().get("message") or "")[:_WORDS]
    except (ValueError, AttributeError):
        return answer.text[:_WORDS]
