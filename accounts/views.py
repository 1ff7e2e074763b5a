"""Where people land after logging in."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, login_required_page

FIRST_PAGES = {"admin": "/manage/", "attendant": "/desk/", "driver": "/me/"}


@require_safe
@login_required_page
def home(request: PersonRequest) -> HttpResponse:
    """Lead a person to the first page of their role."""
    return redirect(FIRST_PAGES[request.user.menu_role])
