"""Files as responses."""

from django.http import HttpResponse


def shown_file(name: str, content: bytes, media_type: str) -> HttpResponse:
    """Return a file that a browser shows, or saves under its name."""
    return HttpResponse(content, content_type=media_type, headers={"Content-Disposition": f'inline; filename="{name}"'})
