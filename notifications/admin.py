"""The outbox in the back office."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from notifications.models import Message
from notifications.services import send_again

if TYPE_CHECKING:
    MessageModelAdmin = admin.ModelAdmin[Message]
else:
    MessageModelAdmin = admin.ModelAdmin


@admin.register(Message)
class MessageAdmin(MessageModelAdmin):
    """Shows messages and their recipients; parked ones show why and can be sent again."""

    list_display = ["template", "operator", "recipient", "state", "attempts", "created_at", "sent_at", "error"]
    list_filter = ["state", "template", "operator"]
    list_select_related = ["operator"]
    search_fields = ["recipient", "key"]
    date_hierarchy = "created_at"
    # The context may hold links that open an account.
    exclude = ["context"]
    actions = ["send_again"]

    @admin.action(description=_("Send again"), permissions=["send"])
    def send_again(self, request: HttpRequest, messages: QuerySet[Message]) -> None:
        """Queue the chosen messages again."""
        for message in messages:
            send_again(message=message, at=now())
        self.message_user(
            request,
            ngettext("%(count)s message is queued.", "%(count)s messages are queued.", len(messages))
            % {"count": len(messages)},
        )

    def has_send_permission(self, request: HttpRequest) -> bool:
        """Allow sending again to those who may change messages."""
        return request.user.has_perm("notifications.change_message")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 - Django's call
        """Disallow adding: services queue messages."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:  # noqa: ARG002 - Django's call
        """Disallow editing."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:  # noqa: ARG002 - Django's call
        """Disallow deleting."""
        return False
