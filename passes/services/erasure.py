"""Taking a person out of passes that have ended; periods, prices and uses stay."""

from django.db import transaction

from accounts.models import User
from passes.models import CompanyManager, Pass, PassChange, PassPlate, PassUse
from passes.models.held import ENDED


@transaction.atomic
def erase_holder(*, person: User) -> None:
    """Remove who had a person's passes that have ended, with their plates, and what the person managed."""
    CompanyManager.objects.filter(user=person).delete()
    ended = list(Pass.objects.filter(holder=person, status__in=ENDED).values_list("pk", flat=True))
    PassPlate.objects.filter(held_pass__in=ended).delete()
    PassUse.objects.filter(held_pass__in=ended).update(plate_normalised="")
    PassChange.objects.filter(held_pass__in=ended).update(why="")
    Pass.objects.filter(pk__in=ended).update(holder=None, holder_name="", email="", note="", saved_method=None)
