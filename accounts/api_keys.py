"""API keys of operators' programs: made, rolled without a gap, withdrawn.

A key acts as a user of its own, so that what it did stays its own in every record. It ends with the role of who made
it: who has seen a key is not to use it after leaving.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.key_format import ProgramKey, new_program_key
from accounts.models import PROGRAM, ApiKey, Operator, User
from accounts.scopes import ALL_SCOPES, RESOURCE_LABELS, operator_wide_of
from common.db.constraints import refused_by
from common.errors import ConflictError, FieldError, InvalidValueError

LONGEST_KEPT = dt.timedelta(days=30)
"""How long an old key may work beside the one that follows it."""
USE_NOTED_EVERY = dt.timedelta(minutes=1)


class ApiKeyNameTakenError(ConflictError):
    """The operator has a key of this name."""

    code = "api_key_name_taken"


class ApiKeyEndedError(ConflictError):
    """The key was withdrawn or has ended."""

    code = "api_key_ended"


class ApiKeyRolledError(ConflictError):
    """Somebody else has rolled the key meanwhile."""

    code = "api_key_rolled"


@dataclass(frozen=True, slots=True)
class KeyTerms:
    """What a key is called, may do and where (None: at all lots), and when it ends (None: never)."""

    name: str
    scopes: Sequence[str]
    lot_ids: Sequence[int] | None = None
    ends_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class IssuedApiKey:
    """A row and its key, which is not stored."""

    row: ApiKey
    key: str


@transaction.atomic
def make_api_key(*, operator: Operator, terms: KeyTerms, at: dt.datetime, by: User) -> IssuedApiKey:
    """Make a key and the user it acts as. Raises InvalidValueError or ApiKeyNameTakenError."""
    _check(terms, at)
    key = new_program_key()
    message = _("There is a key of this name already.")
    taken = ApiKeyNameTakenError(message, errors=[FieldError("name", message)])
    with refused_by("api_key_name_once_per_operator", taken):
        program = User.objects.create_user(
            f"{key.public_id}{PROGRAM}", None, name=terms.name, program_of=operator, joined_at=at
        )
        row = ApiKey.objects.create(
            operator=operator,
            acts_as=program,
            name=terms.name,
            scopes=sorted(terms.scopes),
            lot_ids=None if terms.lot_ids is None else sorted(terms.lot_ids),
            public_id=key.public_id,
            key_hash=key.hash,
            made_by=by,
            made_at=at,
            ends_at=terms.ends_at,
        )
    return IssuedApiKey(row, str(key))


@transaction.atomic
def roll_api_key(
    *, key: ApiKey, seen_rolled_at: dt.datetime | None, keep_old_for: dt.timedelta, at: dt.datetime
) -> IssuedApiKey:
    """Replace a key; the one in use works on for a while.

    `seen_rolled_at` is when it was last rolled as the caller knows: of two who roll at once, the second is refused.
    When the key before the last one still works, that one is in use, and works on in place of the last.
    Raises ApiKeyEndedError, ApiKeyRolledError.
    """
    row = ApiKey.objects.select_for_update().get(pk=key.pk)
    if not ApiKey.objects.standing(at).filter(pk=row.pk).exists():
        raise ApiKeyEndedError(_("This key has ended. Make another one."))
    if row.rolled_at != seen_rolled_at:
        raise ApiKeyRolledError(_("Somebody has just replaced this key. Look whether the key from then is in use."))
    if row.old_ends_at is None or row.old_ends_at <= at:
        row.old_hash = row.key_hash
    row.old_ends_at = at + min(keep_old_for, LONGEST_KEPT)
    fresh: ProgramKey = new_program_key(row.public_id)
    row.key_hash, row.rolled_at = fresh.hash, at
    row.save(update_fields=["key_hash", "old_hash", "old_ends_at", "rolled_at"])
    return IssuedApiKey(row, str(fresh))


@transaction.atomic
def withdraw_api_key(*, key: ApiKey, at: dt.datetime, by: User | None) -> None:
    """End a key at once, with the tokens that were issued for it. Idempotent: the first time stays."""
    ApiKey.objects.filter(pk=key.pk, withdrawn_at=None).update(withdrawn_at=at, withdrawn_by=by)


def withdraw_keys_of(*, person: User, at: dt.datetime, operator: Operator | None = None) -> None:
    """End the keys that a person has made, at one operator or everywhere, as the person's role there ends."""
    keys = ApiKey.objects.filter(made_by=person, withdrawn_at=None)
    (keys.filter(operator=operator) if operator else keys).update(withdrawn_at=at)


def note_use(*, key: ApiKey, at: dt.datetime) -> None:
    """Store when a key was used, at most once in a minute; otherwise no statement."""
    if key.last_used_at is not None and at - key.last_used_at < USE_NOTED_EVERY:
        return
    earlier = Q(last_used_at__isnull=True) | Q(last_used_at__lte=at - USE_NOTED_EVERY)
    ApiKey.objects.filter(earlier, pk=key.pk).update(last_used_at=at)


def _check(terms: KeyTerms, at: dt.datetime) -> None:
    if not terms.scopes or not ALL_SCOPES.issuperset(terms.scopes):
        raise InvalidValueError(_("Choose what the key may do."), path="scopes")
    if terms.lot_ids is not None and not terms.lot_ids:
        raise InvalidValueError(_("Choose at least one lot."), path="lots")
    wide = operator_wide_of(terms.scopes)
    if terms.lot_ids is not None and wide:
        message = _("These belong to the operator as a whole, so a key of chosen lots can't have them: %(names)s.")
        names = ", ".join(str(RESOURCE_LABELS[resource]) for resource in wide)
        raise InvalidValueError(message % {"names": names}, path="lots")
    if terms.ends_at is not None and terms.ends_at <= at:
        raise InvalidValueError(_("This is in the past."), path="ends_on")
