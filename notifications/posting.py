"""Handing a mail to a provider: the first one, or the next while that does not answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from smtplib import SMTPDataError, SMTPException, SMTPRecipientsRefused

from anymail.exceptions import AnymailAPIError, AnymailError, AnymailRecipientsRefused
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from notifications.mail_providers import connection_to, provider_names
from notifications.models import LONGEST_ERROR, LONGEST_REFERENCE, MailProviderState
from notifications.storable import storable

FAILURES = 3
"""After how many failures in a row the next provider is used."""
LEFT_ALONE = timedelta(seconds=60)
"""How long a provider that failed is left alone before one mail tries it again."""
_PERMANENT = 500
_REFUSED_BY_API = frozenset({400, 406, 413, 422})
"""What the APIs of providers answer about a recipient or the contents, not about themselves."""
_NO_SUCH_ADDRESS = ("5.1.1 ", "5.1.3 ", "5.1.6 ", "5.1.10 ")
"""Enhanced status codes of an address that does not exist (RFC 3463)."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a mail was not taken; `of_provider` when any other mail would have failed, too."""

    said: str
    is_permanent: bool = False
    of_provider: bool = True
    is_unknown_address: bool = False


class NotSentError(Exception):
    """A provider did not take a mail."""

    def __init__(self, failure: Failure) -> None:
        """Keep why."""
        super().__init__(failure.said)
        self.failure = failure


class MailPost:
    """Connections to the providers, kept for the mails of one run."""

    def __init__(self) -> None:
        """Begin without any."""
        self._connections: dict[str, BaseEmailBackend] = {}

    def send(self, email: EmailMultiAlternatives, *, at: datetime) -> tuple[str, str]:
        """Send a mail and return the provider that took it with its reference. Raises NotSentError.

        How the provider answered is recorded in the caller's transaction.
        """
        name, state = _choose(at)
        try:
            self._hand_over(name, email)
        except Exception as error:
            self._close(name)
            failure = failure_of(error)
            if failure is None:
                raise
            if failure.of_provider:
                _note_failure(name, failure.said, at)
            else:
                _note_answer(state)
            raise NotSentError(failure) from error
        _note_answer(state)
        status = getattr(email, "anymail_status", None)
        reference = str((status and status.message_id) or email.extra_headers["Message-ID"])
        return name, storable(reference, LONGEST_REFERENCE)

    def close(self) -> None:
        """Close all connections."""
        for name in list(self._connections):
            self._close(name)

    def _hand_over(self, name: str, email: EmailMultiAlternatives) -> None:
        if name not in self._connections:
            self._connections[name] = connection_to(name)
        # The backend opens its connection for the first mail and keeps it for the next ones.
        self._connections[name].open()
        self._connections[name].send_messages([email])

    def _close(self, name: str) -> None:
        connection = self._connections.pop(name, None)
        if connection is not None:
            connection.close()


def failure_of(error: Exception) -> Failure | None:
    """Return what an error of a provider means, None for an error of ours."""
    if isinstance(error, AnymailError | ImproperlyConfigured):
        return _failure_of_api(error)
    if isinstance(error, SMTPRecipientsRefused):
        said = "; ".join(f"{code} {_text(reply)}" for code, reply in error.recipients.values())
        permanent = all(code >= _PERMANENT for code, _reply in error.recipients.values())
        return Failure(said, permanent, not permanent, permanent and any(one in said for one in _NO_SUCH_ADDRESS))
    if isinstance(error, SMTPDataError):
        # A 5xx is about this recipient or content (RFC 5321 4.2.1).
        permanent = error.smtp_code >= _PERMANENT
        return Failure(f"{error.smtp_code} {_text(error.smtp_error)}", permanent, not permanent)
    return Failure(_in_words(error)) if isinstance(error, SMTPException | OSError) else None


def _failure_of_api(error: Exception) -> Failure:
    said = str(error) or repr(error)
    if isinstance(error, AnymailAPIError):
        permanent = getattr(error, "status_code", None) in _REFUSED_BY_API
        return Failure(said, permanent, not permanent)
    if isinstance(error, AnymailRecipientsRefused):
        return Failure(said, is_permanent=True, of_provider=False)
    is_about_mail = isinstance(error, AnymailError) and not isinstance(error, ImproperlyConfigured)
    return Failure(said, is_about_mail, not is_about_mail)


def _choose(at: datetime) -> tuple[str, MailProviderState | None]:
    """Return the provider to use; one that was left alone long enough is tried by one worker at a time."""
    names = provider_names()
    states = {state.name: state for state in MailProviderState.objects.filter(name__in=names)}
    for name in names:
        state = states.get(name)
        if state is None or state.away_until is None:
            return name, state
        if state.away_until <= at and _is_tried_alone(state):
            return name, state
    return names[0], states.get(names[0])


def _is_tried_alone(state: MailProviderState) -> bool:
    return MailProviderState.objects.select_for_update(skip_locked=True).filter(pk=state.pk).first() is not None


def _note_failure(name: str, said: str, at: datetime) -> None:
    MailProviderState.objects.get_or_create(name=name)
    state = MailProviderState.objects.select_for_update().get(name=name)
    state.failures += 1
    state.failed_at, state.error = at, storable(said, LONGEST_ERROR)
    if state.failures >= FAILURES:
        state.away_until = at + LEFT_ALONE
    state.save()


def _note_answer(state: MailProviderState | None) -> None:
    if state is not None and state.failures:
        MailProviderState.objects.filter(pk=state.pk).update(failures=0, away_until=None, error="")


def _in_words(error: SMTPException | OSError) -> str:
    return error.strerror or str(error) or repr(error)


def _text(reply: bytes | str) -> str:
    return reply.decode(errors="replace") if isinstance(reply, bytes) else reply
