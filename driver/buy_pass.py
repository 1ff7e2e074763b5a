"""Passes that are sold online: what there is, its terms, and buying one."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.paginator import Page
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import PersonRequest, login_required_page, signed_in
from accounts.models import User
from common.errors import DomainError
from common.time import truncate
from common.web.client_address import client_network
from common.web.forms import refuse
from common.web.paging import page_of
from common.web.rate_limits import check_rate
from driver.book_page import takes_cards
from driver.pass_forms import BuyPassForm, pay_pass_by
from driver.pay_forms import new_key
from lots.calendar import local_day
from lots.models import Lot
from passes.errors import PassPaymentDeclinedError
from passes.models import Pass, PassOffer, PassStatus
from passes.pass_words import TermsWords, terms_words
from passes.queries import offers_online
from passes.services import buy_pass, return_from_pass_page, waiting_page

PASSES_PER_MINUTE = 20


@dataclass(frozen=True, slots=True)
class PassOnSale:
    """A pass that is sold, with its terms in words, its lots and its currency."""

    offer: PassOffer
    words: TermsWords
    lots: list[Lot]

    @property
    def currency(self) -> str:
        """Return the currency of its price."""
        return self.lots[0].currency


def on_sale(offers: list[PassOffer]) -> list[PassOnSale]:
    """Return passes as pages show them; their lots are loaded before."""
    return [PassOnSale(offer, terms_words(offer), sorted(offer.lots.all(), key=lambda lot: lot.pk)) for offer in offers]


@require_safe
def passes_page(request: HttpRequest) -> HttpResponse:
    """List the passes that are sold, those of one lot with `?lot=`."""
    lots = Lot.objects.public()
    slug = request.GET.get("lot", "")
    lot = lots.filter(slug=slug).first() if slug and "\0" not in slug else None
    if slug and lot is None:
        raise Http404
    page: Page[PassOffer] = page_of(offers_online(lots.filter(pk=lot.pk) if lot else lots), request, 24)
    context = {"page": page, "shown": on_sale(list(page.object_list)), "lot": lot}
    return render(request, "driver/passes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def buy_pass_page(request: HttpRequest, offer_id: int) -> HttpResponseBase:
    """Show the terms of a pass, and sell it to who is signed in."""
    offer = get_object_or_404(offers_online(Lot.objects.public()), pk=offer_id)
    [shown], driver, at = on_sale([offer]), signed_in(request), truncate(now())
    if driver is None:
        if request.method == "POST":
            return redirect_to_login(request.get_full_path())
        return render(request, "driver/passes/buy.html", {"shown": shown, "offer": offer})
    data = request.POST if request.method == "POST" else None
    form = BuyPassForm(data, offer=offer, driver=driver, today=local_day(shown.lots[0], at))
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                return _bought(request, form, driver)
            except PassPaymentDeclinedError as error:
                form.add_error("payment" if "payment" in form.fields else None, str(error.message))
                status = error.status
            except DomainError as error:
                refuse(form, error)
                status = error.status
        form.data = request.POST.copy()
        form.data["key"], form.data["amount"] = new_key(), str(offer.price_amount)
    context = {"shown": shown, "offer": offer, "form": form, "takes_cards": takes_cards() or not offer.price_amount}
    return render(request, "driver/passes/buy.html", context, status=status)


@require_safe
@never_cache
@login_required_page
def bought_back(request: PersonRequest, key: str) -> HttpResponse:
    """Ask how the payment of a pass ended whose buyer comes back from the provider's page, and show it."""
    mine = Pass.objects.filter(holder=request.user, idempotency_key=_key(request.user, key))
    held = return_from_pass_page(held_pass=get_object_or_404(mine), gave_up="left" in request.GET, at=truncate(now()))
    return _outcome(request, held)


def _bought(request: HttpRequest, form: BuyPassForm, driver: User) -> HttpResponse:
    check_rate("pass", client_network(request), per_minute=PASSES_PER_MINUTE)
    key = str(form.cleaned_data["key"])
    back = request.build_absolute_uri(reverse("driver:bought_back", args=[key]))
    by = pay_pass_by(form.cleaned_data.get("payment", ""), driver, back)
    held = buy_pass(wish=form.wish, holder=driver, pay_by=by, at=truncate(now()), idempotency_key=_key(driver, key))
    page = waiting_page(held) if held.status == PassStatus.DRAFT else ""
    return redirect(page) if page else _outcome(request, held)


def _outcome(request: HttpRequest, held: Pass) -> HttpResponse:
    """Lead to a pass, and say how its payment ended."""
    if held.status == PassStatus.CANCELLED:
        messages.error(request, _("It was not paid, so you have not bought it. You can try again."))
        return redirect("driver:buy_pass", held.offer_id) if held.offer_id else redirect("driver:passes")
    if held.status == PassStatus.DRAFT:
        messages.info(request, _("Your payment is on its way. The pass begins once it has arrived."))
    else:
        messages.success(request, _("Thank you. Your pass %(code)s is ready.") % {"code": held.code})
    return redirect("driver:own_pass", held.code)


def _key(driver: User, key: str) -> str:
    return f"page-{driver.pk}-{key[:64]}".replace("\0", "")
