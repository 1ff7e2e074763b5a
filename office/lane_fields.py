"""The fields of filters that name a lane and an attendant."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from analytics.scope import Scope
from lots.models import Gate


def add_lanes_and_people(form: forms.Form, scope: Scope) -> None:
    """Offer the lanes of the scope's lots in the field `gate` of a form, and those who work there in `by`."""
    add_lanes(form, scope)
    _offer(form, "by", people_of(scope), _("Anybody"))


def add_lanes(form: forms.Form, scope: Scope) -> None:
    """Offer the lanes of the scope's lots in the field `gate` of a form."""
    _offer(form, "gate", Gate.objects.filter(lot__in=scope.ids).order_by("code"), _("All lanes"))


def _offer(form: forms.Form, name: str, rows: QuerySet[Any], everything: Any) -> None:
    field: Any = form.fields[name]
    field.queryset, field.empty_label = rows, everything


def people_of(scope: Scope) -> QuerySet[User]:
    """Return who works at the scope's lots, by address."""
    at_lots = {"memberships__merchant": None, "memberships__operator__lots__in": [lot.pk for lot in scope.lots]}
    return User.objects.filter(**at_lots).distinct().order_by("email")
