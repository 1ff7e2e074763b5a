"""Views of lists that a person keeps: shown above the list, saved under a name and removed."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from common.errors import DomainError
from common.translation import translated
from common.web.listing import ListPage
from lists.models import LONGEST_VIEW, SavedView
from lists.services import remove_view, save_view
from lists.services.views import NOT_KEPT

URLS = {
    "stays": "office:stays",
    "reviews": "office:reviews",
    "activity": "office:events",
    "payments": "office:payments",
    "debts": "office:debts",
    "documents": "office:documents",
    "bookings": "office:bookings",
    "messages": "office:messages",
    "gates": "office:gates",
    "members": "office:people",
    "blocks": "office:blocked",
    "permits": "office:permits",
    "passes": "office:passes",
    "exceptions": "office:exceptions",
    "shifts": "office:shifts",
}
"""The lists that have views, each with the name of its page."""


@dataclass(frozen=True, slots=True)
class ViewChip:
    """A saved view above its list: where it leads, and whether the list is shown so now."""

    pk: int
    name: str
    href: str
    is_current: bool


class ViewForm(forms.Form):
    """A view to save: its name, and the query string of the list."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=40)
    asked = forms.CharField(required=False, max_length=LONGEST_VIEW, widget=forms.HiddenInput)


def views_of(request: PersonRequest, page: ListPage) -> list[ViewChip]:
    """Return the views that a person keeps of a list; one query."""
    path = reverse(page.listing.url)
    query = request.GET.copy()
    for name in NOT_KEPT:
        query.pop(name, None)
    shown = sorted((name, value) for name, values in query.lists() for value in values if value)
    views = SavedView.objects.filter(owner=request.user, listing=page.listing.name)
    return [ViewChip(view.pk, view.name, f"{path}?{view.asked}", _pairs(view.asked) == shown) for view in views]


@require_POST
@role_required(Role.ATTENDANT, Role.GUARD)
def save(request: PersonRequest, listing: str) -> HttpResponse:
    """Save how a list is shown."""
    if listing not in URLS:
        raise Http404(_("There is no such list."))
    form = ViewForm(request.POST)
    asked = request.POST.get("asked", "")[:LONGEST_VIEW]
    if not form.is_valid():
        messages.error(request, _("Give the view a name of at most 40 letters."))
    else:
        try:
            view = save_view(owner=request.user, listing=listing, at=now(), **form.cleaned_data)
        except DomainError as error:
            messages.error(request, translated(error.message))
        else:
            messages.success(request, _("“%(name)s” is saved.") % {"name": view.name})
    return redirect(f"{reverse(URLS[listing])}?{asked}")


@require_POST
@role_required(Role.ATTENDANT, Role.GUARD)
def remove(request: PersonRequest, pk: int) -> HttpResponse:
    """Remove a saved view."""
    view = get_object_or_404(SavedView, pk=pk, owner=request.user)
    remove_view(view=view)
    messages.success(request, _("“%(name)s” is removed.") % {"name": view.name})
    return redirect(URLS[view.listing])


def _pairs(asked: str) -> list[tuple[str, str]]:
    return sorted((name, value) for name, values in QueryDict(asked).lists() for value in values)
