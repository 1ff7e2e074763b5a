"""Webhooks of mail providers: what arrived, what came back, what was marked as spam."""

from importlib import import_module

from anymail.webhooks.base import AnymailBasicAuthMixin, AnymailCoreWebhookView
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.timezone import now
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from notifications.mail_providers import provider_names
from notifications.reachability import keep_report
from notifications.reports import SIGNED, BadReportError, read_signed_report


@csrf_exempt
@require_POST
def mail_report(request: HttpRequest, provider: str) -> HttpResponse:
    """Take a report: 400 when it isn't the provider's, 404 for one that isn't used or can't prove itself, else 200."""
    if provider == SIGNED and settings.MAIL_WEBHOOK_SECRET:
        return _signed_report(request)
    view = _checking_view(provider)
    if view is None:
        raise Http404
    try:
        return view.dispatch(request)  # type: ignore[no-any-return] # the package has no types
    except (ValueError, KeyError, TypeError, AttributeError):
        return HttpResponse(status=400)


def _signed_report(request: HttpRequest) -> HttpResponse:
    at = now()
    try:
        report = read_signed_report(
            request.body, request.headers.get("Signature", ""), secret=settings.MAIL_WEBHOOK_SECRET, at=at
        )
    except BadReportError:
        return HttpResponse(status=400)
    keep_report(report=report, at=at)
    return HttpResponse(status=200)


def _checking_view(provider: str) -> AnymailCoreWebhookView | None:
    """Return the package's view of a provider in use, if something proves who calls it."""
    if provider not in provider_names() or "." in provider:
        return None
    try:
        module = import_module(f"anymail.webhooks.{provider}")
        kinds = [
            found
            for name, found in vars(module).items()
            if name.endswith(("TrackingWebhookView", "CombinedWebhookView")) and found.__module__ == module.__name__
        ]
        view = kinds[0]()
    except (ImportError, IndexError, ImproperlyConfigured):
        return None
    is_open = isinstance(view, AnymailBasicAuthMixin) and view.warn_if_no_basic_auth and not view.basic_auth
    return None if is_open else view
