"""The answer to a request that can't be read."""

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.template.loader import render_to_string


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 Django's handler gets both
    """Say of a request that can't be read that it was too large, or else malformed; Django's handler400."""
    is_too_large = isinstance(exception, RequestDataTooBig | TooManyFieldsSent)
    return HttpResponseBadRequest(render_to_string("400.html", {"is_too_large": is_too_large}))
