"""The answers to requests that can't be read, or lead nowhere; none of them takes a form apart."""

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, QueryDict
from django.template.loader import render_to_string
from django.views.defaults import page_not_found, permission_denied


def refused(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 Django's handler gets both
    """Say of a request that can't be read that it was too large, or else malformed; Django's handler400."""
    is_too_large = isinstance(exception, RequestDataTooBig | TooManyFieldsSent)
    return HttpResponseBadRequest(render_to_string("400.html", {"is_too_large": is_too_large}))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such page; Django's handler404."""
    return page_not_found(_without_form(request), exception)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that somebody may not see a page; Django's handler403."""
    return permission_denied(_without_form(request), exception)


def _without_form(request: HttpRequest) -> HttpRequest:
    # The token of the page's own forms is made from the cookie. Looking for one that was sent reads the form, which may
    # be none; what was not read so far is not needed any more.
    request.POST = QueryDict()
    return request
