"""A driver's earlier stays: searched and filtered by lot, day of entry and plate."""

from typing import Any

from django import forms
from django.db.models import DateField, F, Func, Q
from django.db.models.functions import Cast
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, login_required_page
from accounts.models import User
from common.plates import PlateError, normalise
from common.web.paging import page_of
from driver.own_spending import spending_of, spent_lately
from driver.own_stays import past_stay, past_stays, stays_of
from lots.models import Lot
from tickets.models import TicketQuerySet

STAYS_PER_PAGE = 20
LONGEST_SEARCH = 60
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class HistoryFilter(forms.Form):
    """Which stays are shown; days are those of entry on the lot's clock."""

    q = forms.CharField(
        label=gettext_lazy("Search"),
        required=False,
        max_length=LONGEST_SEARCH,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    lot = forms.ModelChoiceField(Lot.objects.none(), label=gettext_lazy("Lot"), required=False, to_field_name="slug")
    plate = forms.ChoiceField(label=gettext_lazy("Plate"), required=False)
    since = forms.DateField(label=gettext_lazy("From"), required=False, widget=DAY)
    until = forms.DateField(label=gettext_lazy("Until"), required=False, widget=DAY)

    def __init__(self, *args: Any, driver: User, **kwargs: Any) -> None:
        """Offer the lots and plates of the driver's own stays."""
        super().__init__(*args, **kwargs)
        stays = past_stays(stays_of(driver)).order_by()
        lot, plate = self.fields["lot"], self.fields["plate"]
        assert isinstance(lot, forms.ModelChoiceField)  # noqa: S101 for the types
        assert isinstance(plate, forms.ChoiceField)  # noqa: S101 for the types
        lot.queryset = Lot.objects.filter(pk__in=stays.values("lot")).order_by("name")
        lot.empty_label = gettext("All")
        plates = stays.exclude(plate=None).values_list("plate_normalised", "plate").distinct("plate_normalised")
        plate.choices = [("", gettext("All")), *plates.order_by("plate_normalised")]
        for name in ("since", "until"):
            self.fields[name].error_messages["invalid"] = gettext("Enter a day, such as 2026-03-31.")

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it starts."""
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", gettext("This day is before the first one."))
        return cleaned


@require_safe
@login_required_page
def history(request: PersonRequest) -> HttpResponse:
    """List a driver's earlier stays, page by page, as far as the filter keeps them."""
    form = HistoryFilter(request.GET, driver=request.user)
    stays = past_stays(stays_of(request.user))
    stays = kept_stays(stays, form.cleaned_data) if form.is_valid() else stays.none()
    page = page_of(stays, request, STAYS_PER_PAGE)
    context = {"form": form, "page": page, "past": [past_stay(ticket) for ticket in page], "filtered": _is_used(form)}
    return render(request, "driver/me/history.html", context, status=422 if form.errors else 200)


@require_safe
@login_required_page
def spending(request: PersonRequest) -> HttpResponse:
    """Show what a driver has paid and parked: by month and by lot."""
    at = now()
    shown = spending_of(spent_lately(request.user, at), at)
    return render(request, "driver/me/spending.html", {"spending": shown})


def kept_stays(stays: TicketQuerySet, wanted: dict[str, Any]) -> TicketQuerySet:
    """Return the stays that match a valid HistoryFilter."""
    local = Func(F("lot__timezone"), F("entry_at"), function="timezone", output_field=DateField())
    fields = {"lot": "lot", "plate": "plate_normalised", "since": "day__gte", "until": "day__lte"}
    kept = Q(**{field: wanted[name] for name, field in fields.items() if wanted[name]})
    if wanted["q"]:
        kept &= _named(wanted["q"])
    return stays.annotate(day=Cast(local, DateField())).filter(kept)


def _named(text: str) -> Q:
    """Match a part of a ticket's number, of a plate, or of the name or city of a lot."""
    named = Q(number__icontains=text) | Q(lot__name__icontains=text) | Q(lot__city__icontains=text)
    try:
        plate = normalise(text)
    except PlateError:
        plate = None
    return named | Q(plate_normalised__contains=plate) if plate else named


def _is_used(form: HistoryFilter) -> bool:
    return any(form.data.get(name) for name in form.fields)
