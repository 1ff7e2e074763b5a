"""How allauth works here: mail goes through the outbox, tries are counted by where they come from."""

import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.signup import send_unknown_account_mail
from allauth.account.models import EmailAddress
from django.contrib.sites.shortcuts import get_current_site
from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from common.web.client_address import client_address, client_network
from entrance.password_tries import count_failure, is_stuffed
from notifications.rendering import RAW
from notifications.services import queue_message


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc] # allauth has no types
    """Queues account mail in the transaction of its cause, and refuses in this product's words."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "duplicate_email": _("This email address is one of your account already."),
        "email_password_mismatch": _("The email address or the password is wrong."),
        "email_taken": _("There is an account with this email address already."),
        "max_email_addresses": _("You can't have more than %d email addresses."),
    }

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address by which tries are counted and sessions listed."""
        return client_address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse those who keep failing. Raises ValidationError."""
        if is_stuffed(request, str(credentials.get("email", ""))):
            raise self.validation_error("too_many_login_attempts")
        super().pre_authenticate(request, **credentials)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Count the failure for the account."""
        count_failure(request, str(credentials.get("email", "")), at=now())

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """Return the ways to confirm that it is oneself, a key named as everywhere."""
        key = {"description": _("Use your passkey")}
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return [one | key if one["url"] == reverse("mfa_reauthenticate_webauthn") else one for one in methods]

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue the mail that `template_prefix` names."""
        site = get_current_site(self.request)
        mail = self.render_mail(template_prefix, email, {"request": self.request, "current_site": site} | context)
        queue_message(
            key=f"account:{uuid.uuid4()}",
            operator=None,
            recipient=email,
            template=RAW,
            context={
                "language": get_language(),
                "subject": mail.subject,
                "text": mail.body,
                "site": self.request.build_absolute_uri("/")[:-1],
            },
            at=now(),
        )

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Return the key of failed log-ins: the account and the network they come from.

        By the account alone, a stranger who keeps failing would lock its owner out.
        """
        account = super()._get_login_attempts_cache_key(request, **credentials)
        return f"{account}:{client_network(request)}"

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """Queue the link, unless the account has the address unverified.

        The owner of the address would otherwise set the password of somebody else's account.
        """
        is_own = user.email == email.lower()
        if is_own or EmailAddress.objects.filter(user=user, email__iexact=email, verified=True).exists():
            super().send_password_reset_mail(user, email, context)
        else:
            send_unknown_account_mail(self.request, email)
