"""The companies that have passes, and the people who manage these."""

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import PersonRequest, operator_required, operators_of
from accounts.models import Role
from common.errors import DomainError
from common.web.forms import refuse
from common.web.paging import page_of
from office.passes.offer_forms import ManagerForm, PassCompanyForm, company_as_form
from office.passes.pass_list import pass_rows
from office.passes.passes_at_work import get_company
from passes.models import Company, PassStatus
from passes.services import add_manager, archive_company, change_company, make_company, remove_manager

MOST_PASSES = 100


@require_safe
@operator_required
def companies(request: PersonRequest) -> HttpResponse:
    """List the companies, with how many passes each has; `?q=` filters by name or address."""
    text = request.GET.get("q", "").replace("\0", " ").strip()[:80]
    found = Company.objects.filter(operator__in=operators_of(request.user, Role.ADMIN), archived_at=None)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(email__icontains=text))
    active = Count("passes", filter=Q(passes__status=PassStatus.ACTIVE), distinct=True)
    people = Count("managers", distinct=True)
    page = page_of(found.annotate(in_use=active, people=people).order_by("name", "pk"), request)
    return render(request, "office/passes/companies.html", {"page": page, "q": text})


@require_http_methods(["GET", "HEAD", "POST"])
@operator_required
def new_company(request: PersonRequest) -> HttpResponse:
    """Write a company that is to have passes."""
    operators = list(operators_of(request.user, Role.ADMIN).order_by("name"))
    form, status = PassCompanyForm(request.POST or None, operators=operators), 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                made = make_company(operator=form.operator, wish=form.wish, at=now())
            except DomainError as error:
                refuse(form, error)
                status = error.status
            else:
                messages.success(request, _("%(name)s is saved.") % {"name": made.name})
                return redirect("office:pass_company", made.pk)
    context = {"form": form, "back": reverse("office:pass_companies")}
    return render(request, "office/passes/new_company.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@operator_required
def company_page(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a company with its passes and people, and change what is known of it."""
    company = get_company(request, pk)
    if request.method != "POST":
        return _company(request, company)
    form, status = PassCompanyForm(request.POST, operators=[company.operator]), 422
    if form.is_valid():
        try:
            change_company(company=company, wish=form.wish)
        except DomainError as error:
            refuse(form, error)
            status = error.status
            company.refresh_from_db()
        else:
            messages.success(request, _("%(name)s is saved.") % {"name": company.name})
            return redirect("office:pass_company", pk)
    return _company(request, company, form=form, status=status)


@require_POST
@operator_required
def add_person(request: PersonRequest, pk: int) -> HttpResponse:
    """Let a person manage a company's passes."""
    company, form, status = get_company(request, pk), ManagerForm(request.POST, prefix="person"), 422
    if form.is_valid():
        try:
            added = add_manager(company=company, email=form.cleaned_data["email"], by=request.user, at=now())
        except DomainError as error:
            refuse(form, error)
            status = error.status
        else:
            messages.success(request, _("%(person)s manages its passes now.") % {"person": added.user})
            return redirect("office:pass_company", pk)
    return _company(request, company, person_form=form, status=status)


@require_POST
@operator_required
def remove_person(request: PersonRequest, pk: int, manager_id: int) -> HttpResponse:
    """Take the management of a company's passes from a person."""
    manager = get_company(request, pk).managers.filter(pk=manager_id).select_related("user").first()
    if manager is None:
        raise Http404(_("There is no such person."))
    remove_manager(manager=manager)
    messages.success(request, _("%(person)s manages its passes no more.") % {"person": manager.user})
    return redirect("office:pass_company", pk)


@require_POST
@operator_required
def archive(request: PersonRequest, pk: int) -> HttpResponse:
    """Hide a company from the lists."""
    company = archive_company(company=get_company(request, pk), at=now())
    messages.success(request, _("%(name)s is archived. Its passes stay as they are.") % {"name": company.name})
    return redirect("office:pass_companies")


def _company(
    request: PersonRequest,
    company: Company,
    *,
    form: PassCompanyForm | None = None,
    person_form: ManagerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "company": company,
        "form": form or PassCompanyForm(None, operators=[company.operator], initial=company_as_form(company)),
        "person_form": person_form or ManagerForm(prefix="person"),
        "people": list(company.managers.select_related("user")),
        "passes": pass_rows(list(company.passes.order_by("-pk")[:MOST_PASSES])),
    }
    return render(request, "office/passes/company.html", context, status=status)
