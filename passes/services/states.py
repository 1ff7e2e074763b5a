"""The states of a pass, and its other changes by the operator's people."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import InvalidValueError
from common.time import FIRST_YEAR, LAST_YEAR
from passes.errors import PassStateError
from passes.models import Pass, PassChange, PassStatus
from passes.services.locking import lock_with_lots


def note_change(held: Pass, before: str, *, at: datetime, by: User | None, why: str) -> None:
    """Keep a change of a pass in its history."""
    PassChange.objects.create(held_pass=held, from_status=before, to_status=held.status, at=at, by=by, why=why)


def require_usual_day(day: date, *, path: str) -> None:
    """Refuse a day with which no period can be counted. Raises InvalidValueError."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        years = {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise InvalidValueError(_("Give a day in the years %(first)s to %(last)s.") % years, path=path)


def change_state(held: Pass, status: str, *, at: datetime, by: User | None, why: str, **fields: object) -> Pass:
    """Write a locked pass's new state, and fields that change with it, with its history."""
    before, held.status = held.status, PassStatus(status)
    for name, value in fields.items():
        setattr(held, name, value)
    held.save(update_fields=["status", *fields])
    note_change(held, before, at=at, by=by, why=why)
    return held


@transaction.atomic
def suspend_pass(*, held_pass: Pass, by: User | None, why: str, at: datetime, unpaid: bool = False) -> Pass:
    """Let a pass open no gate any more, until it is resumed; the cars inside pay from now on. Idempotent.

    Raises PassStateError (409) for one that is neither active nor suspended.
    """
    held = lock_with_lots(held_pass)
    if held.status == PassStatus.SUSPENDED:
        return held
    if held.status != PassStatus.ACTIVE:
        raise PassStateError(_("Only an active pass can be suspended."))
    return change_state(held, PassStatus.SUSPENDED, at=at, by=by, why=why, stopped_at=at, unpaid=unpaid)


@transaction.atomic
def resume_pass(*, held_pass: Pass, by: User | None, why: str = "", at: datetime) -> Pass:
    """Let a suspended pass open gates again. Idempotent. Raises PassStateError (409)."""
    held = lock_with_lots(held_pass)
    if held.status == PassStatus.ACTIVE:
        return held
    if held.status != PassStatus.SUSPENDED:
        raise PassStateError(_("Only a suspended pass can be resumed."))
    return change_state(held, PassStatus.ACTIVE, at=at, by=by, why=why, stopped_at=None, unpaid=False)


@transaction.atomic
def change_pass(  # noqa: PLR0913 - what may change
    *,
    held_pass: Pass,
    by: User,
    at: datetime,
    why: str,
    valid_until: date | None = None,
    spaces: int | None = None,
    most_plates: int | None = None,
    pool_full: str | None = None,
) -> Pass:
    """Change what an operator's people may change of a pass; what is None stays.

    Raises PassStateError (409) for one that has ended, InvalidValueError for values that can't be.
    """
    held = lock_with_lots(held_pass)
    if held.status in {PassStatus.EXPIRED, PassStatus.CANCELLED}:
        raise PassStateError(_("This pass has ended."))
    if valid_until is not None:
        require_usual_day(valid_until, path="valid_until")
    if valid_until is not None and valid_until < held.valid_from:
        raise InvalidValueError(_("The last day must not be before the first one."), path="valid_until")
    for path, number in (("spaces", spaces), ("most_plates", most_plates)):
        if number is not None and number < 1:
            raise InvalidValueError(_("This must be at least one."), path=path)
    if spaces is not None and held.uses.filter(left_at=None).count() > spaces:
        raise InvalidValueError(_("More of its cars than that are inside now."), path="spaces")
    wished = {"valid_until": valid_until, "spaces": spaces, "most_plates": most_plates, "pool_full": pool_full}
    changed = {name: value for name, value in wished.items() if value is not None and value != getattr(held, name)}
    if changed:
        for name, value in changed.items():
            setattr(held, name, value)
        held.save(update_fields=[*changed])
        note_change(held, held.status, at=at, by=by, why=why)
    return held
