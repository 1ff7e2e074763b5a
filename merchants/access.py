"""Loads rows for the people of merchants, who see their own merchant and nothing else."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.access import Person, PersonRequest, login_required_page
from accounts.models import Merchant, MerchantQuerySet, User

P = ParamSpec("P")


def merchants_of(user: Person) -> MerchantQuerySet:
    """Return the merchants that a person works for and that still give discounts."""
    if not isinstance(user, User):
        return Merchant.objects.none()
    return Merchant.objects.active().filter(memberships__user=user).order_by("pk")


def validator_required(
    view: Callable[Concatenate[PersonRequest, Merchant, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Allow a page to the people of a merchant, and give it to the view; visitors log in first."""

    @wraps(view)
    def guarded(request: PersonRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        own = list(merchants_of(request.user).select_related("operator"))
        if not own:
            raise PermissionDenied
        chosen = request.GET.get("merchant") or request.POST.get("merchant") or ""
        merchant = next((one for one in own if str(one.pk) == chosen), own[0])
        return view(request, merchant, *args, **kwargs)

    return login_required_page(guarded)
