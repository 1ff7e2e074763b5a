"""The companies whose passes a driver manages: the use of their pools, their plates and their people."""

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, login_required_page
from common.errors import DomainError, NotFoundError
from common.web.forms import refuse
from common.web.rate_limits import check_rate
from driver.own_passes import USE_OF
from driver.pass_forms import PassPersonForm
from passes.access import load_managed_company
from passes.models import Company, Pass, PassUse
from passes.queries import with_typed_plates, with_use
from passes.services import add_manager, remove_manager

MOST_INSIDE = 50
PEOPLE_PER_MINUTE = 20
"""How many addresses a person may try, as the answer shows whether one belongs to an account."""


@dataclass(frozen=True, slots=True)
class PoolInUse:
    """A pass of a company: how many of its spaces are taken, and by whom."""

    held: Pass
    inside: list[PassUse]
    plates: int

    @property
    def of(self) -> str:
        """Return out of how many spaces; empty where all plates may be inside."""
        return _("of %(spaces)s spaces") % {"spaces": self.held.spaces} if self.held.spaces else ""


@require_safe
@login_required_page
def own_company(request: PersonRequest) -> HttpResponse:
    """Show the company that a person manages, or choose one of several."""
    companies = list(Company.objects.filter(managers__user=request.user).select_related("operator"))
    if not companies:
        return render(request, "driver/me/company/none.html")
    if len(companies) > 1:
        return render(request, "driver/me/company/choose.html", {"companies": companies})
    return redirect("driver:company", companies[0].pk)


@require_safe
@login_required_page
def company_page(request: PersonRequest, company_id: int) -> HttpResponse:
    """Show the pools of a company with their use, and its people."""
    return _page(request, _load(request, company_id), PassPersonForm())


@require_POST
@login_required_page
def add_person(request: PersonRequest, company_id: int) -> HttpResponse:
    """Let a colleague manage the company's passes, too."""
    company, form, status = _load(request, company_id), PassPersonForm(request.POST), 422
    if form.is_valid():
        try:
            check_rate("pass-person", str(request.user.pk), per_minute=PEOPLE_PER_MINUTE)
            added = add_manager(company=company, email=form.cleaned_data["email"], by=request.user, at=now())
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            messages.success(request, _("%(person)s manages the passes, too.") % {"person": added.user.email})
            return redirect("driver:company", company.pk)
    return _page(request, company, form, status=status)


@require_POST
@login_required_page
def remove_person(request: PersonRequest, company_id: int, manager_id: int) -> HttpResponse:
    """Take the management from a colleague; nobody takes it from themself, so that somebody has it."""
    company = _load(request, company_id)
    manager = company.managers.select_related("user").filter(pk=manager_id).exclude(user=request.user).first()
    if manager is None:
        raise Http404(_("There is no such person."))
    remove_manager(manager=manager)
    messages.success(request, _("%(person)s manages the passes no more.") % {"person": manager.user.email})
    return redirect("driver:company", company.pk)


def _load(request: PersonRequest, pk: int) -> Company:
    try:
        return load_managed_company(request.user, pk)
    except NotFoundError as error:
        raise Http404(error.message) from error


def _page(request: PersonRequest, company: Company, form: PassPersonForm, *, status: int = 200) -> HttpResponse:
    at = now()
    passes = list(with_use(company.passes.all()).select_related("lot").order_by("-valid_until", "-pk"))
    parked: dict[int, list[PassUse]] = {held.pk: [] for held in passes}
    for use in with_typed_plates(PassUse.objects.filter(held_pass__company=company, left_at=None)):
        parked[use.held_pass_id].append(use)
    recent = PassUse.objects.filter(held_pass__company=company, given_back=False, entered_at__gte=at - USE_OF)
    plates = _plate_counts(company)
    context = {
        "company": company,
        "pools": [PoolInUse(held, parked[held.pk][:MOST_INSIDE], plates.get(held.pk, 0)) for held in passes],
        "people": list(company.managers.select_related("user")),
        "recent": recent.count(),
        "form": form,
    }
    return render(request, "driver/me/company.html", context, status=status)


def _plate_counts(company: Company) -> dict[int, int]:
    counted = company.passes.filter(plates__removed_at=None).values("pk").annotate(count=Count("plates")).order_by()
    return dict(counted.values_list("pk", "count"))
