"""Every template of a message with sample data: its HTML in a frame where nothing runs, its text beside."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from accounts.access import PersonRequest, operator_required, operators_of
from accounts.models import Role
from notifications.kinds import Kind, KindGroup, known_kinds
from notifications.rendering import Written, write
from office.messages.mail_frames import framed_mail


@require_safe
@operator_required
def templates(request: PersonRequest) -> HttpResponse:
    """List the kinds of messages by group, each with why it is sent and whether it can be turned off."""
    groups = [
        (KindGroup(group).label, list(kinds)) for group, kinds in groupby(known_kinds(), key=lambda kind: kind.group)
    ]
    return render(request, "office/messages/templates.html", {"groups": groups})


@require_safe
@operator_required
def template(request: PersonRequest, name: str) -> HttpResponse:
    """Show a template with sample data."""
    kind = _kind(name)
    context = {"kind": kind, "group": KindGroup(kind.group).label, "written": _sample(request, kind)}
    return render(request, "office/messages/template.html", context)


@require_safe
@xframe_options_sameorigin
@operator_required
def template_html(request: PersonRequest, name: str) -> HttpResponse:
    """Answer with the HTML of a template with sample data, for the frame."""
    return framed_mail(_sample(request, _kind(name)).html)


def _kind(name: str) -> Kind:
    found = next((kind for kind in known_kinds() if kind.name == name), None)
    if found is None:
        raise Http404(_("There is no such template."))
    return found


def _sample(request: PersonRequest, kind: Kind) -> Written:
    operator = operators_of(request.user, Role.ADMIN).first()
    sender = operator.name if operator and kind.of_operator else _("Parking")
    return write(kind, _said(kind.sample), sender=sender, recipient=request.user.email)


def _said(value: Any) -> Any:
    """Return sample data with the product's own words in the active language."""
    if isinstance(value, Mapping):
        return {name: _said(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_said(one) for one in value]
    return _(value) if isinstance(value, str) and value else value
