"""Taking a person out of the accounts: the row stays for the books, and says nothing of anybody."""

from datetime import datetime

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from accounts.api_keys import withdraw_keys_of
from accounts.models import DELETED, BlockedPlate, Invitation, KeptAnswer, Operator, OperatorApplication, User, Vehicle
from accounts.ownership import end_access
from common.plate_hashes import plate_hash

PERSONAL = ("name", "phone", "address", "postal_code", "locale", "timezone")


def addresses_of(person: User) -> set[str]:
    """Return the addresses that an account owns, in lower case: those it has verified, as anybody may type any."""
    verified = EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)
    return {email.lower() for email in verified}


@transaction.atomic
def erase_person(*, person: User, at: datetime) -> User:
    """Remove what an account knows of a person: ways in, profile, vehicles, invitations, applications. Idempotent."""
    person = User.objects.select_for_update().get(pk=person.pk)
    addresses, vehicles = addresses_of(person), list(person.vehicles.values_list("pk", flat=True))
    end_access(person)
    withdraw_keys_of(person=person, at=at)
    KeptAnswer.objects.filter(caller=person).delete()
    for model, keys in ((User, [person.pk]), (Vehicle, vehicles)):
        kind = ContentType.objects.get_for_model(model)
        told = LogEntry.objects.filter(content_type=kind, object_id__in=map(str, keys))
        told.update(object_repr="", change_message="")
    Invitation.objects.filter(email__in=addresses).delete()
    OperatorApplication.objects.filter(email__in=addresses).delete()
    person.vehicles.all().delete()
    person.signed_in_devices.all().delete()
    for name in PERSONAL:
        setattr(person, name, "")
    person.email = f"{person.pk}{DELETED}"
    person.is_active = False
    person.deleted_at = person.deleted_at or at
    person.set_unusable_password()
    person.save()
    return person


def forget_lifted_blocks(*, operator: Operator, before: datetime) -> int:
    """Leave of plates whose block was lifted before an instant only a hash, and no reason; return how many."""
    lifted = BlockedPlate.objects.filter(operator=operator, lifted_at__lt=before).exclude(plate="")
    rows = list(lifted)
    for block in rows:
        block.plate_normalised = plate_hash(block.plate_normalised, operator.pk)
        block.plate = block.reason = ""
    BlockedPlate.objects.bulk_update(rows, ["plate", "plate_normalised", "reason"], batch_size=500)
    return len(rows)
