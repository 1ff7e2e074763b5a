"""Admins without a second factor set one up before they reach anything else."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.second_factor import lacks_second_factor

ALWAYS_OPEN = ("/accounts/", "/_allauth/", "/language/", "/theme/")
OF_PROGRAMS = "/api/"
"""Refused by the API itself, which also knows the people of tokens."""
STREAMS = "/stream/"
"""No pages, from which nobody is led to another."""
NEEDED = "needed"


def set_up_first(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: lead those who need a second factor and have none to its page."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith((*ALWAYS_OPEN, OF_PROGRAMS)) and lacks_second_factor(request.user):
            if request.path.startswith(STREAMS):
                return HttpResponse(status=403)
            return redirect(f"{reverse('mfa_index')}?{NEEDED}=1")
        return get_response(request)

    return answer
