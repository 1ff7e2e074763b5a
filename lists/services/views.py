"""Saving the way in which a person looks at a list."""

from datetime import datetime

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import ConflictError, InvalidValueError
from lists.models import LONGEST_VIEW, SavedView

MOST_VIEWS = 20
"""How many views of a list a person may keep."""
NOT_KEPT = ("q", "page", "beyond")
"""What a view does not keep: the text that was searched for, and how far one had got."""


class TooManyViewsError(ConflictError):
    """The person keeps as many views of the list as there may be."""

    code = "too_many_views"


@transaction.atomic
def save_view(*, owner: User, listing: str, name: str, asked: str, at: datetime) -> SavedView:
    """Keep a list's query string under a name; one with the same name is replaced.

    Raises InvalidValueError for one that is too long, TooManyViewsError.
    """
    query = QueryDict(asked, mutable=True)
    for one in NOT_KEPT:
        query.pop(one, None)
    kept = QueryDict(mutable=True)
    for one, values in query.lists():
        kept.setlist(one, [value for value in values if value and "\0" not in value])
    if len(kept.urlencode()) > LONGEST_VIEW:
        raise InvalidValueError(_("This filter is too long."), path="name")
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)  # one after another, so that the limit holds
    views = SavedView.objects.filter(owner=owner, listing=listing)
    known = views.filter(name=name).first()
    if known is None and views.count() >= MOST_VIEWS:
        raise TooManyViewsError(_("You keep %(most)s views of this list. Remove one first.") % {"most": MOST_VIEWS})
    view = known or SavedView(owner=owner, listing=listing, name=name)
    view.asked, view.created_at = kept.urlencode(), at
    view.save()
    return view


def remove_view(*, view: SavedView) -> None:
    """Forget a view. Idempotent."""
    SavedView.objects.filter(pk=view.pk).delete()
