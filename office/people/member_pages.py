"""Who works for an operator: the list, a member with role and lots, and inviting another."""

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.access import PersonRequest, operator_required
from accounts.invitations import copied_token_of
from accounts.models import Invitation, Membership
from accounts.services import change_role, remove_member
from accounts.signing_out import may_sign_out, sign_out_member
from analytics.scope import scope_of
from common.translation import inside
from notifications.inviting import invite_member
from office.people.invitation_views import waiting_invitations
from office.people.lot_words import name_lots
from office.people.member_list import (
    MEMBERS,
    MembersFilter,
    everybody_at,
    find_members,
    members_of,
    with_signing_in,
)
from office.people.shared import added_to, own_operators, saved
from office.people.team_forms import InviteForm, RoleForm


@require_safe
@operator_required
def people(request: PersonRequest) -> HttpResponse:
    """List the members, with the form that invites another."""
    return _people(request, InviteForm(person=request.user, operators=own_operators(request)))


@require_POST
@operator_required
def invite(request: PersonRequest) -> HttpResponse:
    """Invite a person by email."""
    form = InviteForm(request.POST, person=request.user, operators=own_operators(request))

    def save() -> str:
        email, role = form.cleaned_data["email"], form.cleaned_data["role"]
        invite_member(operator=form.operator, email=email, role=role, at=now(), by=request.user, lot_ids=form.lot_ids)
        return _("%(email)s is invited. The mail with the link is waiting to be sent.") % {"email": email}

    return saved(form, request, save, "office:people") or _people(request, form, status=422)


@require_safe
@operator_required
def member(request: PersonRequest, pk: int) -> HttpResponse:
    """Show a member: role, lots, how they sign in, and what can be done."""
    found = get_object_or_404(members_of(request.user), pk=pk)
    return _member(request, found, RoleForm.of(found, request.user))


@require_POST
@operator_required
def set_role(request: PersonRequest, pk: int) -> HttpResponse:
    """Give a member another role, or other lots."""
    found = get_object_or_404(members_of(request.user), pk=pk)
    form = RoleForm.of(found, request.user, request.POST)

    def save() -> str:
        role = form.cleaned_data["role"]
        changed = change_role(membership=found, role=role, lot_ids=form.lot_ids, at=now())
        name_lots([changed])
        said = {"user": found.user, "role": inside(changed.get_role_display()), "lots": changed.lot_words}  # type: ignore[attr-defined] # set by name_lots
        if changed.lot_ids is not None:
            return _("%(user)s is now %(role)s at: %(lots)s.") % said
        return _("%(user)s is now %(role)s.") % said

    return saved(form, request, save, "office:people") or _member(request, found, form, status=422)


@require_POST
@operator_required
def remove(request: PersonRequest, pk: int) -> HttpResponse:
    """Remove a member."""
    found = get_object_or_404(with_signing_in(everybody_at(request.user)), pk=pk)

    def save() -> str:
        remove_member(membership=found, at=now())
        return _("%(user)s no longer works for %(operator)s.") % {
            "user": found.user,
            "operator": found.merchant or found.operator,
        }

    if found.merchant_id is not None:
        messages.success(request, save())
        return redirect("office:merchant", found.merchant_id)
    form = Form({})
    return saved(form, request, save, "office:people") or _refused(request, found, form)


@require_POST
@operator_required
def sign_out(request: PersonRequest, pk: int) -> HttpResponse:
    """End all sessions of a member."""
    found = get_object_or_404(members_of(request.user), pk=pk)

    def save() -> str:
        ended = sign_out_member(membership=found, by=request.user)
        said = ngettext(
            "%(user)s is signed out: %(ended)s session.", "%(user)s is signed out: %(ended)s sessions.", ended
        )
        return said % {"user": found.user, "ended": ended}

    form = Form({})
    return saved(form, request, save, "office:people") or _refused(request, found, form)


def _people(request: PersonRequest, form: InviteForm, *, status: int = 200) -> HttpResponse:
    waiting = list(waiting_invitations(request).filter(merchant=None))
    for invitation in waiting:
        _add_link(invitation)
    name_lots(waiting)
    scope = scope_of(request.user, request.GET.get("lot", ""))
    sought = MembersFilter(request.GET, scope)
    wanted = sought.cleaned_data if sought.is_valid() else {}
    page = MEMBERS.page(find_members(request.user, scope, wanted), request.GET)
    name_lots(page.object_list)
    more = {"waiting": waiting, "now": now()}
    return added_to(request, "office/people.html", page, sought=sought, added=form, status=status, **more)


def _add_link(invitation: Invitation) -> None:
    """Set on an invitation the link that may be copied."""
    path = reverse("entrance:invitation", args=[copied_token_of(invitation)])
    invitation.link = settings.PUBLIC_URL + path  # type: ignore[attr-defined] # for the page


def _member(
    request: PersonRequest, found: Membership, form: RoleForm, *, status: int = 200, refused: Form | None = None
) -> HttpResponse:
    name_lots([found])
    context = {
        "member": found,
        "form": form,
        "refused": refused,
        "back": reverse("office:people"),
        "may_sign_out": may_sign_out(found, request.user),
    }
    return render(request, "office/people/member.html", context, status=status)


def _refused(request: PersonRequest, found: Membership, refused: Form) -> HttpResponse:
    """Show the member again with the reason why nothing was changed."""
    return _member(request, found, RoleForm.of(found, request.user), status=422, refused=refused)
