"""Taking a person out of passes that have ended; periods, prices and uses stay."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import User
from passes.models import CompanyManager, Pass, PassChange, PassPlate, PassUse
from passes.models.held import ENDED, PassQuerySet


@transaction.atomic
def erase_holder(*, person: User, addresses: Collection[str]) -> None:
    """Remove who had the passes of a person that have ended, with their plates, and what the person managed.

    Those that were given to one of the `addresses` that the account owns, in lower case, are the person's, too.
    """
    CompanyManager.objects.filter(user=person).delete()
    given = Pass.objects.annotate(address=Lower("email")).filter(company=None, holder=None, address__in=addresses)
    theirs = Q(holder=person) | Q(pk__in=given.values("pk"))
    _forget(Pass.objects.filter(theirs, status__in=ENDED))


@transaction.atomic
def forget_holders(*, passes: Collection[int]) -> int:
    """Remove who had passes that have ended, as when a person is erased, and return how many. Idempotent."""
    return _forget(Pass.objects.filter(pk__in=passes, status__in=ENDED))


@transaction.atomic
def forget_removed_plates(*, plates: Collection[int]) -> int:
    """Delete plates that passes had once, and where the passes' histories name them; return how many."""
    removed = PassPlate.objects.filter(pk__in=plates, removed_at__isnull=False)
    for plate in removed:
        named = Q(at=plate.added_at) | Q(at=plate.removed_at)
        PassChange.objects.filter(named, held_pass=plate.held_pass_id).update(why="")
    return removed.delete()[0]


def _forget(ended: PassQuerySet) -> int:
    ended = Pass.objects.filter(pk__in=list(ended.values_list("pk", flat=True)))
    PassPlate.objects.filter(held_pass__in=ended.values("pk")).delete()
    PassUse.objects.filter(held_pass__in=ended.values("pk")).update(plate_normalised="")
    PassChange.objects.filter(held_pass__in=ended.values("pk")).update(why="")
    return ended.update(holder=None, holder_name="", email="", note="", saved_method=None)
