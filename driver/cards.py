"""A driver's saved cards: added on the provider's page, listed, removed at once."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, login_required_page
from billing.models import CardSetup, SavedMethod
from billing.services import finish_card_setup, remove_saved_method, start_card_setup
from common.errors import DomainError
from common.web.paging import page_of

REFERENCE = "reference"


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def saved_cards(request: PersonRequest) -> HttpResponse:
    """List a driver's cards, and lead to the page on which one is added."""
    error = None
    if request.method == "POST":
        back = request.build_absolute_uri(reverse("driver:card_back", args=[REFERENCE]))
        try:
            setup = start_card_setup(owner=request.user, return_url=back.replace(REFERENCE, "{reference}"), at=now())
        except DomainError as refused:
            error = refused
        else:
            return redirect(setup.page_url)
    page = page_of(SavedMethod.objects.usable().filter(owner=request.user), request)
    context = {"page": page, "error": error}
    return render(request, "driver/me/cards.html", context, status=error.status if error else 200)


@require_safe
@never_cache
@login_required_page
def card_back(request: PersonRequest, setup_reference: str) -> HttpResponse:
    """Say whether a card was saved when its owner comes back from the provider's page."""
    setup = get_object_or_404(CardSetup, reference=setup_reference, owner=request.user)
    method = finish_card_setup(setup=setup, at=now())
    if method is not None:
        messages.success(request, _("%(card)s is saved.") % {"card": method})
    else:
        messages.warning(request, _("No card was saved."))
    return redirect("driver:cards")


@require_POST
@login_required_page
def remove_card(request: PersonRequest, card_id: int) -> HttpResponse:
    """Remove one of the driver's cards. Idempotent."""
    card = get_object_or_404(SavedMethod, pk=card_id, owner=request.user)
    remove_saved_method(method=card, at=now())
    messages.success(request, _("%(card)s was removed. It is not charged any more.") % {"card": card})
    return redirect("driver:cards")
