"""Which operator's events a person may see: those of the operators where the person is an admin."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.access import Person, operators_of, require_operator
from accounts.models import Role
from common.errors import NotFoundError
from events.models import Webhook, WebhookDelivery


def webhooks_of(user: Person) -> QuerySet[Webhook]:
    """Return the webhooks of the operators where the person is an admin."""
    return Webhook.objects.filter(operator__in=operators_of(user, Role.ADMIN)).select_related("operator")


def load_webhook(user: Person, key: int) -> Webhook:
    """Return a webhook of an admin's operator; raises NotFoundError for any other, ForbiddenError as above."""
    webhook = webhooks_of(user).filter(pk=key).first()
    if webhook is None:
        require_operator(user)
    if webhook is None:
        raise NotFoundError(_("There is no such webhook."))
    return webhook


def load_delivery(user: Person, webhook_key: int, key: int) -> WebhookDelivery:
    """Return a delivery of an admin's webhook; raises NotFoundError for any other, ForbiddenError as above."""
    webhook = load_webhook(user, webhook_key)
    delivery = webhook.deliveries.select_related("event", "webhook__operator").filter(pk=key).first()
    if delivery is None:
        raise NotFoundError(_("There is no such delivery."))
    return delivery
