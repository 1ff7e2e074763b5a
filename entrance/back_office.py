"""The back office's log-in: the one of all other pages, with its limits and second factor."""

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import User


def login(request: HttpRequest) -> HttpResponse:
    """Redirect to the log-in and back; refuse those who may not enter."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.GET.get("next") or reverse("admin:index"))
    if isinstance(request.user, User) and request.user.is_active and request.user.is_staff:
        return redirect("admin:index")
    raise PermissionDenied


def change_password(_request: HttpRequest) -> HttpResponse:
    """Redirect to the page on which everybody changes their password."""
    return redirect("account_change_password")
