"""Waiting invitations: send again or withdraw."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import PersonRequest, operator_required, operators_of
from accounts.invitations import withdraw_invitation
from accounts.models import Invitation, Role
from notifications.inviting import invite_again


def waiting_invitations(request: PersonRequest) -> QuerySet[Invitation]:
    """Return the waiting invitations of the person's operators, also those to their merchants."""
    waiting = Invitation.objects.waiting().filter(operator__in=operators_of(request.user, Role.ADMIN))
    return waiting.select_related("operator", "merchant").order_by("operator__name", "email")


def _back(invitation: Invitation) -> HttpResponse:
    if invitation.merchant_id is not None:
        return redirect("office:merchant", invitation.merchant_id)
    return redirect("office:people")


@require_POST
@operator_required
def resend(request: PersonRequest, pk: int) -> HttpResponse:
    """Send an invitation again, with a new link."""
    invitation = invite_again(invitation=get_object_or_404(waiting_invitations(request), pk=pk), at=now())
    messages.success(
        request, _("%(email)s gets a new link. Earlier links no longer work.") % {"email": invitation.email}
    )
    return _back(invitation)


@require_POST
@operator_required
def withdraw(request: PersonRequest, pk: int) -> HttpResponse:
    """Withdraw an invitation."""
    invitation = get_object_or_404(waiting_invitations(request), pk=pk)
    withdraw_invitation(invitation=invitation, at=now())
    messages.success(request, _("The invitation to %(email)s is withdrawn.") % {"email": invitation.email})
    return _back(invitation)
