"""The passes that an operator sells."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Page
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, operator_required, operators_of
from accounts.models import Role
from common.errors import DomainError
from common.web.forms import refuse
from common.web.paging import page_of
from office.passes.offer_forms import OfferForm
from office.passes.passes_at_work import get_offer
from passes.models import PassOffer, PassStatus
from passes.pass_words import terms_words
from passes.services import archive_offer, change_offer, make_offer


@require_safe
@operator_required
def offers(request: PersonRequest) -> HttpResponse:
    """List what is sold, and how many of each are in use."""
    found = PassOffer.objects.filter(operator__in=operators_of(request.user, Role.ADMIN), archived_at=None)
    in_use = Count("sold", filter=Q(sold__status=PassStatus.ACTIVE), distinct=True)
    page: Page[Any] = page_of(found.annotate(in_use=in_use).prefetch_related("lots").order_by("name", "pk"), request)
    page.object_list = [(offer, terms_words(offer)) for offer in page.object_list]
    return render(request, "office/passes/offers.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@operator_required
def new_offer(request: PersonRequest) -> HttpResponse:
    """Sell a pass that was not sold before."""
    return _offer_page(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@operator_required
def offer_page(request: PersonRequest, pk: int) -> HttpResponse:
    """Change what is sold from now on."""
    return _offer_page(request, get_offer(request, pk))


@require_POST
@operator_required
def stop_offer(request: PersonRequest, pk: int) -> HttpResponse:
    """Sell a pass no more."""
    offer = archive_offer(offer=get_offer(request, pk), at=now())
    messages.success(request, _("%(name)s is not sold any more. Passes that were sold go on.") % {"name": offer.name})
    return redirect("office:pass_offers")


def _offer_page(request: PersonRequest, offer: PassOffer | None) -> HttpResponse:
    form, status = OfferForm(request.POST or None, person=request.user, offer=offer), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            wish = form.wish
            try:
                if offer is None:
                    saved = make_offer(operator=wish.lots[0].operator, wish=wish, at=now())
                else:
                    saved = change_offer(offer=offer, wish=wish)
            except DomainError as error:
                refuse(form, error)
                status = error.status
            else:
                messages.success(request, _("%(name)s is saved.") % {"name": saved.name})
                return redirect("office:pass_offers")
    context = {"form": form, "offer": offer, "back": reverse("office:pass_offers")}
    return render(request, "office/passes/offer.html", context, status=status)
