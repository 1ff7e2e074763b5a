"""Answers to requests with an `Idempotency-Key`, kept for a day: the same request again is answered with them."""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.utils.translation import gettext as _

from accounts.models import KeptAnswer, User
from common.db.name_locks import NameLock
from common.errors import ConflictError, DomainError

KEPT_FOR = dt.timedelta(hours=24)
_TRY = "SELECT pg_try_advisory_xact_lock(%s::int, hashtext(%s))"


class IdempotencyKeyBusyError(ConflictError):
    """The first request with this key is still being answered."""

    code = "idempotency_key_busy"


class IdempotencyKeyReusedError(DomainError):
    """The key was sent with another request before."""

    code = "idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it is kept."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


@transaction.atomic
def reply_once(*, caller: User, key: str, asked: bytes, at: dt.datetime, reply: Callable[[], Reply]) -> Reply:
    """Return the reply to a caller's request, from the first time when the same was sent with this key within a day.

    `asked` is all that the request says. A refusal is not kept: what it would have written is undone, too.
    Raises IdempotencyKeyBusyError, IdempotencyKeyReusedError, and what `reply` raises.
    """
    digest, request = hashlib.sha256(key.encode()).hexdigest(), hashlib.sha256(asked).hexdigest()
    with connection.cursor() as cursor:
        cursor.execute(_TRY, [NameLock.KEPT_ANSWERS, f"{caller.pk} {digest}"])
        if cursor.fetchone() != (True,):
            raise IdempotencyKeyBusyError(_("The same request is being answered. Send it again later."))
    KeptAnswer.objects.filter(kept_at__lte=at - KEPT_FOR).delete()
    known = KeptAnswer.objects.filter(caller=caller, key_digest=digest).first()
    if known is not None:
        if known.request_digest != request:
            raise IdempotencyKeyReusedError(_("This Idempotency-Key was sent with another request. Use a fresh one."))
        return Reply(known.status, known.body, known.headers)
    given = reply()
    KeptAnswer.objects.create(
        caller=caller,
        key_digest=digest,
        request_digest=request,
        status=given.status,
        headers=given.headers,
        body=given.body,
        kept_at=at,
    )
    return given
