"""What a person is told by mail: their choices, and the link in each optional mail that turns its kind off."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import PersonRequest, has_role, login_required_page
from accounts.models import Role
from driver.message_forms import ChoicesForm
from notifications.kinds import Kind, known_kinds
from notifications.reachability import clear_address, unreachable
from notifications.unsubscribing import BadUnsubscribeLinkError, read_unsubscribe_link
from notifications.urgent_texts import can_text
from notifications.wishes import choose_messages, person_at, turn_kind, wishes_of

ONE_CLICK = "One-Click"
"""What a mail program posts as `List-Unsubscribe` (RFC 8058)."""


@require_http_methods(["GET", "HEAD", "POST"])
@login_required_page
def own_messages(request: PersonRequest) -> HttpResponse:
    """Show and change what a person is told, when and how."""
    person, at = request.user, now()
    is_admin = has_role(person, Role.ADMIN)
    form = ChoicesForm(
        request.POST if request.method == "POST" else None, wishes=wishes_of(person=person), is_admin=is_admin
    )
    if form.is_valid():
        choose_messages(person=person, wishes=form.wishes(), at=at)
        messages.success(request, _("Your choices were saved."))
        return redirect("driver:own_messages")
    context: dict[str, Any] = {
        "form": form,
        "always": [kind for kind in known_kinds() if kind.essential and (is_admin or not kind.for_admins)],
        "mark": unreachable(person.email),
        "can_text": can_text(person.pk, person.phone, at=at),
    }
    return render(request, "driver/me/messages.html", context, status=422 if form.errors else 200)


@require_POST
@login_required_page
def address_works(request: PersonRequest) -> HttpResponse:
    """Send mail to a person's own address again, as they say that it works."""
    if clear_address(address=request.user.email, by=request.user, at=now()):
        messages.success(request, _("We write to %(email)s again.") % {"email": request.user.email})
    return redirect("driver:own_messages")


# Mail programs post here by themselves, without a session; the link itself is the permission.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def unsubscribe(request: HttpRequest, signed: str) -> HttpResponse:
    """Turn a kind of mail off by its link, or on again; a forged link is answered 404."""
    try:
        address, kind = read_unsubscribe_link(signed)
    except BadUnsubscribeLinkError:
        return render(request, "driver/unsubscribe.html", {"kind": None}, status=404)
    if request.method == "POST":
        turn_kind(address=address, kind=kind, on=request.POST.get("turn") == "on", at=now())
        if request.POST.get("List-Unsubscribe") == ONE_CLICK:
            return HttpResponse(status=200)
    return render(
        request,
        "driver/unsubscribe.html",
        {"kind": kind, "address": address, "is_off": not _is_wanted(address, kind)},
    )


def _is_wanted(address: str, kind: Kind) -> bool:
    return kind.is_wanted(wishes_of(person=person_at(address), address=address).kinds)
