"""Members, blocked plates and permits."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db.models import Exists, OuterRef, QuerySet
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, operators_of, role_required
from accounts.models import STAFF_CHOICES, BlockedPlate, Membership, Operator, Permit, Role
from accounts.second_factor import FACTORS
from accounts.services import block_plate, change_role, end_permit, grant_permit, lift_block, remove_member
from accounts.signing_out import sign_out_member
from common.errors import DomainError
from common.translation import day_said, inside
from common.web.forms import refuse
from common.web.paging import page_of
from notifications.inviting import invite_member
from office.forms import BlockForm, InviteForm, OperatorForm, PermitForm, RoleForm
from office.people.invitation_views import waiting_invitations


@require_safe
@role_required(Role.ADMIN)
def people(request: PersonRequest) -> HttpResponse:
    """List the members, with the form that invites another."""
    return _people(request, InviteForm(operators=_operators(request)))


@require_POST
@role_required(Role.ADMIN)
def invite(request: PersonRequest) -> HttpResponse:
    """Invite a person by email."""
    form = InviteForm(request.POST, operators=_operators(request))

    def save() -> str:
        email, role = form.cleaned_data["email"], form.cleaned_data["role"]
        invite_member(operator=form.operator, email=email, role=role, at=now(), by=request.user)
        return _("%(email)s is invited. The mail with the link is waiting to be sent.") % {"email": email}

    return _saved(request, form, save) or _people(request, form, status=422)


@require_POST
@role_required(Role.ADMIN)
def set_role(request: PersonRequest, pk: int) -> HttpResponse:
    """Give a member another role."""
    membership = get_object_or_404(_members(request), pk=pk)
    form = RoleForm(request.POST)

    def save() -> str:
        changed = change_role(membership=membership, role=form.cleaned_data["role"], at=now())
        return _("%(user)s is now %(role)s.") % {"user": membership.user, "role": inside(changed.get_role_display())}

    return _saved(request, form, save) or _member_refused(request, form)


@require_POST
@role_required(Role.ADMIN)
def remove(request: PersonRequest, pk: int) -> HttpResponse:
    """Remove a member."""
    membership = get_object_or_404(_anybody(request), pk=pk)

    def save() -> str:
        remove_member(membership=membership, at=now())
        return _("%(user)s no longer works for %(operator)s.") % {
            "user": membership.user,
            "operator": membership.merchant or membership.operator,
        }

    form = Form({})
    if membership.merchant_id is not None:
        messages.success(request, save())
        return redirect("office:merchant", membership.merchant_id)
    return _saved(request, form, save) or _member_refused(request, form)


@require_POST
@role_required(Role.ADMIN)
def sign_out(request: PersonRequest, pk: int) -> HttpResponse:
    """End all sessions of a member."""
    membership = get_object_or_404(_members(request), pk=pk)

    def save() -> str:
        ended = sign_out_member(membership=membership, by=request.user)
        said = ngettext(
            "%(user)s is signed out: %(ended)s session.", "%(user)s is signed out: %(ended)s sessions.", ended
        )
        return said % {"user": membership.user, "ended": ended}

    form = Form({})
    return _saved(request, form, save) or _member_refused(request, form)


@require_safe
@role_required(Role.ADMIN)
def blocked(request: PersonRequest) -> HttpResponse:
    """List the blocked plates, with the form that adds one."""
    return _blocked(request, BlockForm(operators=_operators(request)))


@require_POST
@role_required(Role.ADMIN)
def block(request: PersonRequest) -> HttpResponse:
    """Block a plate."""
    form = BlockForm(request.POST, operators=_operators(request))

    def save() -> str:
        given = {name: form.cleaned_data[name] for name in ("plate", "region", "reason")}
        block_plate(operator=form.operator, **given, at=now(), by=request.user)
        return _("%(plate)s is blocked.") % {"plate": given["plate"]}

    return _saved(request, form, save) or _blocked(request, form, status=422)


@require_POST
@role_required(Role.ADMIN)
def lift(request: PersonRequest, pk: int) -> HttpResponse:
    """Unblock a plate."""
    row = get_object_or_404(BlockedPlate, pk=pk, operator__in=_operators(request))
    lift_block(blocked=row, at=now())
    messages.success(request, _("%(plate)s is unblocked.") % {"plate": row.plate})
    return redirect("office:blocked")


@require_safe
@role_required(Role.ADMIN)
def permits(request: PersonRequest) -> HttpResponse:
    """List the permits, with the form that adds one."""
    return _permits(request, PermitForm(operators=_operators(request), initial={"valid_from": localdate()}))


@require_POST
@role_required(Role.ADMIN)
def add_permit(request: PersonRequest) -> HttpResponse:
    """Add a permit."""
    form = PermitForm(request.POST, operators=_operators(request))

    def save() -> str:
        fields = {name: form.cleaned_data[name] for name in ("plate", "number", "valid_from", "valid_until")}
        grant_permit(operator=form.operator, **fields)
        return _("%(plate)s has a permit.") % {"plate": fields["plate"]}

    return _saved(request, form, save) or _permits(request, form, status=422)


@require_POST
@role_required(Role.ADMIN)
def stop_permit(request: PersonRequest, pk: int) -> HttpResponse:
    """End a permit today."""
    row = get_object_or_404(Permit, pk=pk, operator__in=_operators(request))
    today = localdate()
    ended = end_permit(permit=row, last_day=today)
    messages.success(
        request,
        _("The permit of %(plate)s ends on %(day)s.")
        % {"plate": row.plate, "day": day_said(ended.valid_until or today)},
    )
    return redirect("office:permits")


def _operators(request: PersonRequest) -> list[Operator]:
    return list(operators_of(request.user, Role.ADMIN).order_by("name"))


def _members(request: PersonRequest) -> QuerySet[Membership]:
    """Return who works for the person's operators themselves."""
    return _anybody(request).filter(merchant=None)


def _anybody(request: PersonRequest) -> QuerySet[Membership]:
    """Return the same, and the people of merchants."""
    operators = operators_of(request.user, Role.ADMIN)
    members = Membership.objects.filter(operator__in=operators).select_related("user", "operator", "merchant")
    return members.order_by("operator__name", "role", "user__email")


def _saved(request: PersonRequest, form: Form, save: Callable[[], str]) -> HttpResponse | None:
    """Save a valid form and redirect to its list; return None when the form has errors."""
    if not form.is_valid():
        return None
    try:
        said = save()
    except DomainError as error:
        refuse(form, error)
        return None
    messages.success(request, said)
    return redirect(_LISTS[request.resolver_match.url_name])  # type: ignore[union-attr] # routed by name


_LISTS: dict[str | None, str] = {
    "invite": "office:people",
    "set_role": "office:people",
    "remove": "office:people",
    "sign_out": "office:people",
    "block": "office:blocked",
    "add_permit": "office:permits",
}


def _people(
    request: PersonRequest, form: OperatorForm, *, status: int = 200, refused: Form | None = None
) -> HttpResponse:
    more = {"waiting": list(waiting_invitations(request).filter(merchant=None)), "now": now(), "refused": refused}
    factors = Authenticator.objects.filter(user=OuterRef("user"), type__in=FACTORS)
    members = _members(request).annotate(has_second_factor=Exists(factors))
    return _list(request, "office/people.html", members, form, status, **more)


def _member_refused(request: PersonRequest, refused: Form) -> HttpResponse:
    """Show the list again with the reason why a member was not changed."""
    return _people(request, InviteForm(operators=_operators(request)), status=422, refused=refused)


def _blocked(request: PersonRequest, form: OperatorForm, *, status: int = 200) -> HttpResponse:
    rows = BlockedPlate.objects.in_force().filter(operator__in=_operators(request))
    return _list(request, "office/people/blocked.html", rows.select_related("operator", "blocked_by"), form, status)


def _permits(request: PersonRequest, form: OperatorForm, *, status: int = 200) -> HttpResponse:
    rows = Permit.objects.filter(operator__in=_operators(request)).select_related("operator")
    return _list(request, "office/people/permits.html", rows.order_by("plate_normalised", "-pk"), form, status)


def _list(
    request: PersonRequest, template: str, rows: QuerySet[Any], form: OperatorForm, status: int, **more: Any
) -> HttpResponse:
    context = {
        **more,
        "page": page_of(rows, request),
        "form": form,
        "several": len(form.operators) > 1,
        "today": localdate(),
        "roles": STAFF_CHOICES,
    }
    return render(request, template, context, status=status)
