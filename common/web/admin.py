"""Shared classes of the back office."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

if TYPE_CHECKING:
    BackOffice = admin.ModelAdmin[Any]
else:
    BackOffice = admin.ModelAdmin


class ReadOnlyAdmin(BackOffice):
    """Shows rows read-only that services or the database write, so that no edit bypasses their locks and records."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002 Django's call
        """Disallow adding: services add rows."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 Django's call
        """Disallow editing."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002 Django's call
        """Disallow deleting."""
        return False
