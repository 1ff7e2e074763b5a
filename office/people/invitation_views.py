"""Invitations that wait: mailed again, or taken back."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.timezone import now
from django.views.decorators.http import require_POST

from accounts.access import PersonRequest, operators_of, role_required
from accounts.invitations import withdraw_invitation
from accounts.models import Invitation, Role
from office.people.inviting import invite_again


def waiting_invitations(request: PersonRequest) -> QuerySet[Invitation]:
    """Return the invitations that wait at the operators that the person is an admin of."""
    waiting = Invitation.objects.waiting().filter(operator__in=operators_of(request.user, Role.ADMIN))
    return waiting.select_related("operator").order_by("operator__name", "email")


@require_POST
@role_required(Role.ADMIN)
def resend(request: PersonRequest, pk: int) -> HttpResponse:
    """Mail an invitation again, with a new link."""
    invitation = invite_again(invitation=get_object_or_404(waiting_invitations(request), pk=pk), at=now())
    messages.success(request, f"{invitation.email} gets a new link. Earlier ones no longer work.")
    return redirect("office:people")


@require_POST
@role_required(Role.ADMIN)
def withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    """Take an invitation back."""
    invitation = get_object_or_404(waiting_invitations(request), pk=pk)
    withdraw_invitation(invitation=invitation, at=now())
    messages.success(request, f"The invitation of {invitation.email} is withdrawn.")
    return redirect("office:people")
