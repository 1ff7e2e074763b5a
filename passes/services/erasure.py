"""Taking a person out of passes that have ended; periods, prices and uses stay."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import User
from passes.models import CompanyManager, Pass, PassChange, PassPlate, PassUse
from passes.models.held import ENDED


@transaction.atomic
def erase_holder(*, person: User, addresses: Collection[str]) -> None:
    """Remove who had the passes of a person that have ended, with their plates, and what the person managed.

    Those that were given to one of the `addresses` that the account owns, in lower case, are the person's, too.
    """
    CompanyManager.objects.filter(user=person).delete()
    given = Pass.objects.annotate(address=Lower("email")).filter(company=None, holder=None, address__in=addresses)
    theirs = Q(holder=person) | Q(pk__in=given.values("pk"))
    ended = list(Pass.objects.filter(theirs, status__in=ENDED).values_list("pk", flat=True))
    PassPlate.objects.filter(held_pass__in=ended).delete()
    PassUse.objects.filter(held_pass__in=ended).update(plate_normalised="")
    PassChange.objects.filter(held_pass__in=ended).update(why="")
    Pass.objects.filter(pk__in=ended).update(holder=None, holder_name="", email="", note="", saved_method=None)
