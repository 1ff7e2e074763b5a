"""Log-ins, refused ones and changes of what one signs in with, in the log."""

from typing import Any

import structlog
from allauth.account.signals import password_changed, password_reset
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver

from accounts.models import User

logger = structlog.get_logger(__name__)


@receiver(user_logged_in)
def log_log_in(user: User, **_more: Any) -> None:
    """Log that somebody signed in; the address is bound to the log by its middleware."""
    logger.info("signed_in", person=user.pk)


@receiver(user_logged_out)
def log_log_out(user: User | None, **_more: Any) -> None:
    """Log that somebody signed out."""
    if user is not None:
        logger.info("signed_out", person=user.pk)


@receiver(user_login_failed)
def log_refusal(credentials: dict[str, Any], **_more: Any) -> None:
    """Log a refused log-in by the account that it meant: what was typed may be a password in the wrong field."""
    typed = str(credentials.get("email") or credentials.get("username") or "").strip().lower()
    meant = User.objects.filter(email=typed).values_list("pk", flat=True).first() if "\0" not in typed else None
    logger.warning("sign_in_refused", person=meant)


@receiver([password_changed, password_reset])
def log_password(user: User, **_more: Any) -> None:
    """Log that somebody has another password."""
    logger.info("password_changed", person=user.pk)


@receiver(authenticator_added)
def log_factor(user: User, authenticator: Any, **_more: Any) -> None:
    """Log a second factor or passkey that was set up."""
    logger.info("second_factor_added", person=user.pk, kind=authenticator.type)


@receiver(authenticator_removed)
def log_factor_gone(user: User, authenticator: Any, **_more: Any) -> None:
    """Log a second factor or passkey that was removed."""
    logger.warning("second_factor_removed", person=user.pk, kind=authenticator.type)
