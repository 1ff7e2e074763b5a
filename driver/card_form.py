"""The page with Stripe's card form, where the settings ask for it; otherwise payers go to Stripe's own page."""

from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

SCRIPT = "https://js.stripe.com/endive/stripe.js"
"""Of the release whose interface `static/js/card-form.js` uses; later ones are later addresses."""
SOURCES = {
    "script-src": ["'self'", "https://js.stripe.com", "https://*.js.stripe.com"],
    "frame-src": [
        "https://js.stripe.com",
        "https://*.js.stripe.com",
        "https://hooks.stripe.com",
        "https://checkout.stripe.com",
    ],
    "connect-src": ["'self'", "https://api.stripe.com", "https://checkout.stripe.com"],
    "img-src": ["https://*.stripe.com"],
}
"""What this page alone may load from Stripe."""


@require_safe
@never_cache
@csp_update(SOURCES)
def card_form(request: HttpRequest, **_named: str) -> HttpResponse:
    """Show the form; what it is for stands after the `#` of the address, which a browser sends to no server."""
    if not settings.STRIPE_PUBLISHABLE_KEY:
        raise Http404
    return render(request, "driver/card_form.html", {"script": SCRIPT, "key": settings.STRIPE_PUBLISHABLE_KEY})
