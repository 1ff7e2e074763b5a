"""OAuth 2.0 for programs (RFC 6749 §4.4): an API key is the client's secret, and is changed for a short-lived token."""

import base64
import binascii
from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_plus

from django.http import HttpRequest, JsonResponse
from django.utils.timezone import now
from ninja import Router, Schema

from accounts.api_keys import note_use
from accounts.credentials import TOKEN_LIFE, PresentedKey, new_token, presented_by_client
from api.task_examples import TOKEN

router = Router(tags=["Programs"])

_FORM = "application/x-www-form-urlencoded"
_GRANT = "client_credentials"
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            _FORM: {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"type": "string", "const": _GRANT},
                        "scope": {"type": "string", "description": "Some of the key's scopes; all of them without it"},
                        "client_id": {
                            "type": "string",
                            "description": "The beginning of the key, unless sent by Basic",
                        },
                        "client_secret": {"type": "string", "description": "The whole key, unless sent by Basic"},
                    },
                },
                "example": {"grant_type": _GRANT, "scope": "lots:read stays:read"},
            }
        },
    },
    "security": [{"client": []}, {}],
}


class TokenOut(Schema):
    """A token that is sent as `Authorization: Bearer …` for so many seconds."""

    access_token: str
    token_type: str
    expires_in: int
    scope: str


class TokenErrorOut(Schema):
    """An error as RFC 6749 §5.2 has it."""

    error: str
    error_description: str


class _GrantError(Exception):
    """The request gets no token."""

    def __init__(self, code: str, why: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(code)
        self.answer = {"error": code, "error_description": why}
        self.status = status


@router.post(
    "/oauth/token",
    auth=None,
    response={200: TokenOut, 400: TokenErrorOut, 401: TokenErrorOut},
    openapi_extra=_BODY | TOKEN,
    summary="Change an API key for a short-lived token",
)
def post_token(request: HttpRequest) -> JsonResponse:
    """Issue a token for the client credentials of a program, sent by HTTP Basic or in the form.

    The client id is the beginning of the API key, the client secret the whole key. The token may do what `scope` names.
    Its errors are those of OAuth, not problem documents.
    """
    at = now()
    try:
        answer, status = _granted(request, at), int(HTTPStatus.OK)
    except _GrantError as refused:
        answer, status = refused.answer, refused.status
    response = JsonResponse(answer, status=status)
    response["Cache-Control"], response["Pragma"] = "no-store", "no-cache"
    if status == HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Basic realm="Parking", charset="UTF-8"'
    return response


def _granted(request: HttpRequest, at: datetime) -> dict[str, Any]:
    form = _form(request)
    grant = form.get("grant_type")
    if not grant:
        raise _GrantError("invalid_request", "grant_type is missing.")
    shown = _client(request, form, at)
    if grant != _GRANT:
        raise _GrantError("unsupported_grant_type", f"The only grant type is {_GRANT}.")
    wanted = frozenset(form.get("scope", "").split()) or shown.scopes
    if not wanted <= shown.scopes:
        raise _GrantError("invalid_scope", f"The key has these scopes: {' '.join(sorted(shown.scopes))}.")
    note_use(key=shown.row, at=at)
    return {
        "access_token": new_token(shown, wanted, at=at),
        "token_type": "Bearer",
        "expires_in": int(TOKEN_LIFE.total_seconds()),
        "scope": " ".join(sorted(wanted)),
    }


def _form(request: HttpRequest) -> dict[str, str]:
    """Return the parameters of the body, each of which may be sent once."""
    if request.content_type != _FORM:
        raise _GrantError("invalid_request", f"Send {_FORM}.")
    if any(len(values) > 1 for _name, values in request.POST.lists()):
        raise _GrantError("invalid_request", "A parameter is there twice.")
    return {name: str(value) for name, value in request.POST.items()}


def _client(request: HttpRequest, form: dict[str, str], at: datetime) -> PresentedKey:
    by_basic = _basic(request.headers.get("Authorization", ""))
    if by_basic is not None and "client_secret" in form:
        raise _GrantError("invalid_request", "Send the client's secret once, by Basic or in the form.")
    client_id, secret = by_basic or (form.get("client_id", ""), form.get("client_secret", ""))
    shown = presented_by_client(client_id, secret, at=at)
    if shown is None:
        raise _GrantError(
            "invalid_client",
            "The client id is the beginning of an API key, the secret the whole key.",
            HTTPStatus.UNAUTHORIZED,
        )
    return shown


def _basic(header: str) -> tuple[str, str] | None:
    """Return id and secret of HTTP Basic, both form-encoded as OAuth demands; None without it."""
    kind, _space, sent = header.partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        text = base64.b64decode(sent.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    client_id, _colon, secret = text.partition(":")
    return unquote_plus(client_id), unquote_plus(secret)
