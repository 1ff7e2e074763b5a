"""Webhooks of card providers: checked, kept, and applied when possible."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.timezone import now
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.providers import BadSignatureError, provider_named
from billing.services import apply_event, keep_event


@csrf_exempt
@require_POST
def stripe_event(request: HttpRequest) -> HttpResponse:
    """Take an event of Stripe: 400 when it isn't theirs, 404 when Stripe isn't used here, else 200."""
    if "stripe" not in settings.PAYMENT_PROVIDERS:
        raise Http404
    try:
        event = provider_named("stripe").read_event(request.body, request.headers.get("Stripe-Signature", ""))
    except BadSignatureError:
        return HttpResponse(status=400)
    if event is not None:
        kept = keep_event(provider="stripe", event=event, at=now())
        # What can't be applied yet is taken up by the task; the provider need not send it again.
        apply_event(event=kept, at=now())
    return HttpResponse(status=200)
