"""What browsers may offer to scripts on our pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

HEADER = "Permissions-Policy"
OURS = ("camera", "clipboard-write", "geolocation", "publickey-credentials-create", "publickey-credentials-get")
"""Scanning tickets, copying keys, lots nearby, passkeys."""
PAYING = ("payment",)
"""Also for the frames of the card form."""
NOBODYS = (
    *("accelerometer", "autoplay", "display-capture", "encrypted-media", "gamepad", "gyroscope", "hid", "magnetometer"),
    *("microphone", "midi", "picture-in-picture", "serial", "usb", "xr-spatial-tracking"),
)
"""Those that browsers know; one that a browser does not know is a complaint on each of its pages."""
POLICY = ", ".join(
    [
        *(f"{feature}=(self)" for feature in OURS),
        *(f'{feature}=(self "https://js.stripe.com")' for feature in PAYING),
        *(f"{feature}=()" for feature in NOBODYS),
    ]
)


def without_features(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: forbid what browsers offer to scripts and our pages don't use."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault(HEADER, POLICY)
        return response

    return answer
