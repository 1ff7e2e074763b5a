"""The page of the simulated bank: it stands for the page of a real provider, and is there only without real ones."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from billing.providers import cards_are_simulated
from billing.providers.simulated import NEEDS_AGREEMENT, TEST_CARDS, answer_page, page_of

KEEPABLE = [card for card in TEST_CARDS if card.token != NEEDS_AGREEMENT]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def answer(request: HttpRequest, bank_reference: str) -> HttpResponse:
    """Ask the payer to agree to a payment, or which card to save, and lead them back."""
    asked = page_of(bank_reference) if cards_are_simulated() else None
    if asked is None:
        raise Http404
    chosen = request.POST.get("answer", "")
    if request.method == "POST" and (asked.amount or chosen in {card.token for card in KEEPABLE}):
        asked = answer_page(bank_reference, chosen) or asked
    if not asked.asks_payer:
        return redirect(asked.return_url)
    status = 422 if request.method == "POST" else 200
    return render(request, "driver/simulated_bank.html", {"asked": asked, "cards": KEEPABLE}, status=status)
