"""The HTML of a mail as a page of its own: nothing in it runs, and only our own pages frame it."""

from django.http import HttpResponse

_POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "img-src": ["data:"],
    "form-action": ["'none'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'self'"],
    "sandbox": [],
}


def framed_mail(html: str) -> HttpResponse:
    """Return the answer with a mail's HTML; its own styles are the only thing it may bring along."""
    response = HttpResponse(html)
    # What `csp.decorators.csp_replace` sets, which wraps only views without arguments.
    response._csp_replace = _POLICY  # type: ignore[attr-defined] # noqa: SLF001
    return response
