"""Applications to become an operator: written by anybody, confirmed by mail, decided by who runs the installation."""

import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.models import Operator, OperatorApplication, User
from accounts.services import create_operator
from common.errors import NotFoundError
from common.free_names import first_free

CONFIRMED_WITHIN = dt.timedelta(days=7)
KEPT_FOR = dt.timedelta(days=90)
"""How long a decided application is kept."""
LONGEST_SLUG = 50

_signer = Signer(salt="accounts.application")


class ApplicationGoneError(NotFoundError):
    """The application was decided or replaced, was not confirmed in time, or never was."""

    code = "application_gone"


@dataclass(frozen=True, slots=True)
class ApplicationWish:
    """What somebody writes who applies; the country is an ISO code, the language that of the pages they read."""

    company: str
    name: str
    email: str
    country: str
    wishes: str
    language: str


@transaction.atomic
def new_application(*, wish: ApplicationWish, at: dt.datetime) -> OperatorApplication | None:
    """Keep an application whose address is to be confirmed; one that was not confirmed before is replaced.

    None where one from this address waits for a decision, which a stranger must not change.
    """
    values: dict[str, Any] = {**asdict(wish), "nonce": secrets.token_urlsafe(16), "applied_at": at}
    email = values.pop("email").strip().lower()
    of_address = OperatorApplication.objects.undecided().filter(email=email)
    application, is_new = of_address.get_or_create(email=email, defaults=values)
    if is_new:
        return application
    if not of_address.filter(confirmed_at__isnull=True).update(**values):
        return None
    return of_address.get()


def application_token(application: OperatorApplication) -> str:
    """Return the signed part of the link that confirms an application."""
    return _signer.sign_object([application.pk, application.nonce])


def find_application(token: str, *, at: dt.datetime) -> OperatorApplication:
    """Return the application that a link confirms, or has confirmed. Raises ApplicationGoneError for other links."""
    try:
        pk, nonce = _signer.unsign_object(token)
    except (BadSignature, ValueError) as error:
        raise _gone() from error
    found = OperatorApplication.objects.undecided().filter(pk=pk, nonce=nonce).first()
    if found is None or (found.confirmed_at is None and found.applied_at < at - CONFIRMED_WITHIN):
        raise _gone()
    return found


@transaction.atomic
def confirm_application(*, application: OperatorApplication, at: dt.datetime) -> bool:
    """Let an application wait for a decision; return whether it was confirmed just now. Idempotent."""
    found = OperatorApplication.objects.undecided().filter(pk=application.pk, nonce=application.nonce)
    return bool(found.filter(confirmed_at__isnull=True).update(confirmed_at=at))


@transaction.atomic
def accept_application(
    *, application: OperatorApplication, values: Mapping[str, Any], by: User, at: dt.datetime
) -> OperatorApplication:
    """Make an operator from values by field name, for a waiting application. Raises ApplicationGoneError."""
    application = _locked(application)
    start = slugify(values["name"])[:LONGEST_SLUG] or "operator"
    slug = first_free(start, lambda one: not Operator.objects.filter(slug=one).exists())
    application.operator = create_operator(slug=slug, values=values)
    application.accepted_at, application.decided_by = at, by
    application.save(update_fields=["operator", "accepted_at", "decided_by"])
    return application


@transaction.atomic
def decline_application(
    *, application: OperatorApplication, answer: str, by: User, at: dt.datetime
) -> OperatorApplication:
    """Decline a waiting application with a word to who applied. Raises ApplicationGoneError."""
    application = _locked(application)
    application.declined_at, application.decided_by, application.answer = at, by, answer
    application.save(update_fields=["declined_at", "decided_by", "answer"])
    return application


def clear_applications(*, at: dt.datetime) -> int:
    """Delete applications that nobody confirmed in time, and those decided long ago; return how many."""
    unconfirmed = OperatorApplication.objects.filter(confirmed_at__isnull=True, applied_at__lt=at - CONFIRMED_WITHIN)
    accepted = OperatorApplication.objects.filter(accepted_at__lt=at - KEPT_FOR)
    declined = OperatorApplication.objects.filter(declined_at__lt=at - KEPT_FOR)
    return sum(rows.delete()[0] for rows in (unconfirmed, accepted, declined))


def _locked(application: OperatorApplication) -> OperatorApplication:
    found = OperatorApplication.objects.waiting().select_for_update().filter(pk=application.pk).first()
    if found is None:
        raise _gone()
    return found


def _gone() -> ApplicationGoneError:
    return ApplicationGoneError(_("This application was decided, or is no longer there."))
