"""What programs show to be let in: an API key, or a short-lived token that was issued for one.

A key that is unknown and one that is wrong take the same way: one query and two comparisons.
"""

import datetime as dt
from dataclasses import dataclass
from hmac import compare_digest

from django.core.signing import BadSignature, Signer

from accounts.key_format import PREFIX, ProgramKey, parse_client_id, parse_program_key
from accounts.models import ApiKey

TOKEN_LIFE = dt.timedelta(minutes=10)
_TOKEN = "parktok_"  # noqa: S105 the beginning of tokens, no token
_NOBODYS = bytes(32)
# Access tokens hold only letters, digits and -._~+/ (RFC 6750).
_signer = Signer(salt="accounts.token_of_api_key", sep="~")


@dataclass(frozen=True, slots=True)
class PresentedKey:
    """A key that works, and what it may do by what was shown: a token may do less."""

    row: ApiKey
    scopes: frozenset[str]
    shown_hash: bytes


def is_program_credential(text: str) -> bool:
    """Return whether a text is written as a key or a token of one."""
    return text.startswith((f"{PREFIX}_", _TOKEN))


def presented(text: str, *, at: dt.datetime) -> PresentedKey | None:
    """Return the key that a text, itself or as a token, proves; None for any other text."""
    if text.startswith(_TOKEN):
        return _by_token(text.removeprefix(_TOKEN), at)
    parsed = parse_program_key(text)
    return _by_key(parsed, at) if parsed else None


def presented_by_client(client_id: str, secret: str, *, at: dt.datetime) -> PresentedKey | None:
    """Return the key with this client id whose text is the secret; None for any other pair."""
    parsed = parse_program_key(secret)
    # A secret of another key must not work, and no answer is to say which of the two is wrong.
    return _by_key(parsed, at) if parsed and parse_client_id(client_id) == parsed.public_id else None


def new_token(shown: PresentedKey, scopes: frozenset[str], *, at: dt.datetime) -> str:
    """Return a token for some of the scopes of what was shown, valid for TOKEN_LIFE while that works."""
    until = int((at + TOKEN_LIFE).timestamp())
    return _TOKEN + _signer.sign_object([shown.row.public_id, shown.shown_hash[:8].hex(), until, sorted(scopes)])


def _by_key(parsed: ProgramKey, at: dt.datetime) -> PresentedKey | None:
    row = _standing(parsed.public_id, at)
    right = [compare_digest(known, parsed.hash) for known in _hashes(row, at)]
    return PresentedKey(row, frozenset(row.scopes), parsed.hash) if row is not None and any(right) else None


def _by_token(text: str, at: dt.datetime) -> PresentedKey | None:
    try:
        public_id, beginning, until, scopes = _signer.unsign_object(text)
    except (BadSignature, ValueError):
        return None
    row = _standing(public_id, at) if until > at.timestamp() else None
    known = next((known for known in _hashes(row, at) if known[:8].hex() == beginning), None)
    return PresentedKey(row, frozenset(scopes) & frozenset(row.scopes), known) if row and known else None


def _standing(public_id: str, at: dt.datetime) -> ApiKey | None:
    return ApiKey.objects.standing(at).select_related("acts_as", "operator").filter(public_id=public_id).first()


def _hashes(row: ApiKey | None, at: dt.datetime) -> tuple[bytes, bytes]:
    """Return the two hashes that a key may have now; in place of one that is missing, nobody's."""
    if row is None:
        return _NOBODYS, _NOBODYS
    is_old_one_valid = row.old_hash is not None and row.old_ends_at is not None and row.old_ends_at > at
    return bytes(row.key_hash), bytes(row.old_hash or b"") if is_old_one_valid else _NOBODYS
