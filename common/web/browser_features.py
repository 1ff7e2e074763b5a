"""What browsers may offer to scripts on our pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

HEADER = "Permissions-Policy"
OURS = ("camera", "clipboard-write", "geolocation", "publickey-credentials-create", "publickey-credentials-get")
"""Scanning tickets, copying keys, lots nearby, passkeys."""
PAYING = ("payment",)
"""Also for the frames of the card form."""
NOBODYS = (
    *("accelerometer", "attribution-reporting", "autoplay", "bluetooth", "browsing-topics", "display-capture"),
    *("encrypted-media", "gamepad", "gyroscope", "hid", "local-fonts", "magnetometer", "microphone", "midi"),
    *("otp-credentials", "picture-in-picture", "serial", "storage-access", "usb", "window-management"),
    *("xr-spatial-tracking",),
)
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
