"""Who has a pass, and that nobody has two for one plate at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.ownership import account_of
from common.db.name_locks import NameLock, lock_each
from lots.models import Lot
from passes.errors import HolderDeletedError, PassesOverlapError
from passes.models import Company, Pass, PassPlate, PassQuerySet


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBy:
    """Who has a pass: a company, an account, or a name with an address."""

    company: Company | None = None
    user: User | None = None
    name: str = ""
    email: str = ""


def person_called(name: str, *, email: str) -> HeldBy:
    """Return a person who gets a pass: the account that has proven the address, if there is one."""
    return HeldBy(user=account_of(email) if email else None, name=name, email=email)


def holder_of(held: Pass) -> HeldBy:
    """Return who has a pass."""
    return HeldBy(company=held.company, user=held.holder, name=held.holder_name, email=held.email)


def require_no_overlap(  # noqa: PLR0913 - whose, for which, where and when
    by: HeldBy, plates: dict[str, str], lots: Sequence[Lot], first: date, last: date, *, but: Pass | None = None
) -> None:
    """Lock a holder, and refuse plates for which another pass of the holder counts at a lot in these days.

    Of two for one holder the second waits for the end of the first's transaction, and then finds it. Raises
    PassesOverlapError (409), and HolderDeletedError (403) for an account that was deleted meanwhile.
    """
    lock_holder(by)
    same_days = _passes_of(by).not_ended().filter(valid_from__lte=last, valid_until__gte=first, lots__in=lots)
    if but is not None:
        same_days = same_days.exclude(pk=but.pk)
    found = PassPlate.objects.current().filter(held_pass__in=same_days.values("pk"), plate_normalised__in=plates)
    plate = found.order_by("plate_normalised").first()
    if plate is not None:
        raise PassesOverlapError(plate.plate)


def lock_holder(by: HeldBy) -> None:
    """Let the passes of one holder be written one after the other; who has only an address is locked by that.

    Raises HolderDeletedError (403) for an account that was deleted meanwhile.
    """
    if by.company is not None:
        Company.objects.select_for_update(no_key=True).get(pk=by.company.pk)
    elif by.user is not None:
        if User.objects.select_for_update(no_key=True).get(pk=by.user.pk).deleted_at is not None:
            raise HolderDeletedError(_("This account was deleted. Nothing was changed."))
    elif by.email:
        lock_each(NameLock.HOLDERS, [by.email.lower()])


def _passes_of(by: HeldBy) -> PassQuerySet:
    if by.company is not None:
        return Pass.objects.filter(company=by.company)
    if by.user is not None:
        return Pass.objects.filter(holder=by.user)
    nobody = Q(company=None, holder=None, email__iexact=by.email)
    return Pass.objects.filter(nobody) if by.email else Pass.objects.none()
