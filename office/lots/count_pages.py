"""Counts of lots that only count cars: what is inside, corrections of it, and how far it drifts."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import gettext as say
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.access import PersonRequest, role_required
from accounts.models import Role
from common.errors import DomainError
from common.notes import LONGEST_NOTE
from common.web.forms import refuse
from common.web.htmx import page_response
from common.web.paging import page_of
from lots.access import get_managed_lot
from lots.checks import LARGEST_NUMBER
from lots.models import CountCorrection, Lot, SpotCount
from lots.services import CarsCounted, correct_count

DRIFT = timedelta(days=30)


class CorrectCountForm(forms.Form):
    """Where somebody counted, how many cars, and why."""

    count = forms.ModelChoiceField(SpotCount.objects.none(), label=_("Where"), empty_label=None)
    inside = forms.IntegerField(label=_("Cars inside"), min_value=0, max_value=LARGEST_NUMBER)
    reason = forms.CharField(
        label=_("Why"), max_length=LONGEST_NOTE, help_text=_("Such as “counted on a walk round at 22:00”")
    )

    def __init__(self, *args: Any, lot: Lot, **options: Any) -> None:
        super().__init__(*args, **options)
        counts = lot.counts.filter(total__gt=0).select_related("level").order_by("-level__number", "spot_type")
        field = self.fields["count"]
        field.queryset = counts  # type: ignore[attr-defined]
        field.label_from_instance = _words_of  # type: ignore[attr-defined]

    def counted(self) -> CarsCounted:
        """Return what was counted."""
        count, inside = self.cleaned_data["count"], self.cleaned_data["inside"]
        return CarsCounted(count.level, count.spot_type, inside, self.cleaned_data["reason"])


class Drift(NamedTuple):
    """What people corrected in DRIFT: how often, and how many cars more and fewer."""

    times: int
    more: int
    fewer: int


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.ADMIN)
def counts(request: PersonRequest, slug: str) -> HttpResponse:
    """Show what is counted beside what stays know, and correct it; where spots are known, there is nothing to count."""
    lot = get_managed_lot(request, slug)
    if lot.counts_spots:
        return redirect("office:lot", lot.slug)
    form = CorrectCountForm(request.POST or None, lot=lot)
    if request.method == "POST" and form.is_valid():
        try:
            correction = correct_count(lot=lot, counted=form.counted(), by=request.user, at=now())
        except DomainError as error:
            refuse(form, error)
        else:
            said = say("The count is corrected.") if correction else say("As many cars were counted already.")
            messages.success(request, said)
            return redirect("office:lot_counts", lot.slug)
    rows = CountCorrection.objects.filter(lot=lot).select_related("level", "by")
    context = {
        "lot": lot,
        "form": form,
        "counts": form.fields["count"].queryset.annotate(known=F("occupied") - F("uncounted")),  # type: ignore[attr-defined]
        "drift": drift_of(lot, since=now() - DRIFT),
        "days": DRIFT.days,
        "page": page_of(rows, request),
    }
    return page_response(request, "office/lots/counts.html", context, status=422 if form.errors else 200)


def drift_of(lot: Lot, *, since: datetime) -> Drift:
    """Add up what people corrected since an instant; what ended by itself is no drift."""
    rows = CountCorrection.objects.filter(lot=lot, at__gte=since, is_reset=False)
    return Drift(
        **rows.aggregate(
            times=Count("pk"),
            more=Coalesce(Sum("added", filter=Q(added__gt=0)), 0),
            fewer=-Coalesce(Sum("added", filter=Q(added__lt=0)), 0),
        )
    )


def _words_of(count: SpotCount) -> str:
    return f"{count.level.name} · {count.get_spot_type_display()}"
