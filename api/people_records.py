"""API endpoints by which operators' admins and programs keep who works there: invite, change the role, remove."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from accounts.access import load_operator, operators_of, require_operator
from accounts.invitations import withdraw_invitation
from accounts.models import Invitation, Membership, Operator, Role
from accounts.services import change_role, remove_member
from api.auth import people_auth, person_of
from api.bodies import EmailText, ObjectIn, PlainText
from api.idempotency import IdempotencyKey, answered_once
from api.people_examples import CHANGE_USER, INVITE, REMOVE_USER, USER, USERS, WITHDRAW_INVITATION
from api.records import FieldsQuery, RecordsQuery, listed, shown, unless_changed
from common.errors import InvalidValueError, NotFoundError
from lots.models import Lot
from notifications.inviting import invite_member

router = Router(tags=["Operators"], auth=people_auth)
_SORTS = {"email": "user__email", "name": "user__name", "role": "role", "since": "since", "operator": "operator__name"}
SomeLots = Field(None, max_length=1_000, description="Short names of the lots at which the role holds; null: at all.")
StaffRole = Field(pattern="^(admin|attendant|guard)$", examples=["attendant"])


class MemberOut(Schema):
    """A person who works for an operator."""

    id: int
    email: str
    name: str
    operator: str
    role: str
    lots: list[str] | None
    since: datetime


class UsersOut(Schema):
    """A page of members."""

    items: list[MemberOut]
    total: int
    page: int
    page_size: int


class InvitationOut(Schema):
    """An offer of a role by mail; the person works for the operator once it is accepted."""

    id: int
    email: str
    operator: str
    role: str
    lots: list[str] | None
    invited_at: datetime
    expires_at: datetime


class InvitationIn(ObjectIn):
    """Whom to invite; `operator` is needed by who manages several."""

    email: EmailText = Field(min_length=3, max_length=254, examples=["ada@example.com"])
    role: str = StaffRole
    operator: PlainText = Field("", max_length=60)
    lots: list[PlainText] | None = SomeLots


class MemberChangeIn(ObjectIn):
    """Another role, and where it holds."""

    role: str = StaffRole
    lots: list[PlainText] | None = SomeLots


@router.get("/users", response=UsersOut, summary="Who works for an operator", openapi_extra=USERS)
def get_users(request: HttpRequest, asked: Query[RecordsQuery]) -> HttpResponse:
    """List the members of your operators. For admins."""
    members = _members(request)
    require_operator(person_of(request))
    return listed(members, asked, _SORTS, _tell_members)


@router.post(
    "/users", response={201: InvitationOut}, summary="Invite a person to work for an operator", openapi_extra=INVITE
)
def post_user(request: HttpRequest, body: InvitationIn, idempotency_key: IdempotencyKey = "") -> HttpResponse:
    """Invite a person by mail. A waiting invitation of the address is replaced; 409 for who works there already."""
    person = person_of(request)

    def invite() -> HttpResponse:
        operator = load_operator(person, body.operator)
        if not body.email:
            raise InvalidValueError(_("This is not an email address."), path="email")
        lot_ids = _chosen(operator, body.lots)
        made = invite_member(operator=operator, email=body.email, role=body.role, at=now(), by=person, lot_ids=lot_ids)
        return shown(request, tell_invitation(made), status=201)

    return answered_once(request, idempotency_key, invite)


@router.delete(
    "/users/invitations/{int:invitation_id}",
    response={204: None},
    summary="Withdraw an invitation",
    openapi_extra=WITHDRAW_INVITATION,
)
def delete_invitation(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Withdraw a waiting invitation: its link leads nowhere any more."""
    operators = operators_of(person_of(request), Role.ADMIN)
    found = Invitation.objects.waiting().filter(operator__in=operators, merchant=None, pk=invitation_id).first()
    if found is None:
        raise NotFoundError(_("There is no such invitation."))
    withdraw_invitation(invitation=found, at=now())
    return HttpResponse(status=204)


@router.get(
    "/users/{int:member_id}", response=MemberOut, summary="Describe who works for an operator", openapi_extra=USER
)
def get_user(request: HttpRequest, member_id: int, asked: Query[FieldsQuery]) -> HttpResponse:
    """Describe a member, with the ETag that a change may name in `If-Match`."""
    return shown(request, tell_member(_member(request, member_id)), asked.fields_)


@router.patch(
    "/users/{int:member_id}", response=MemberOut, summary="Give a person another role", openapi_extra=CHANGE_USER
)
def patch_user(request: HttpRequest, member_id: int, body: MemberChangeIn) -> HttpResponse:
    """Give a member another role, and with `lots` other lots; the API keys of who is no admin of all any more end.

    409 for the last admin of all lots.
    """
    member = _member(request, member_id)
    with unless_changed(request, _locked(member), tell_member) as row:
        is_given = "lots" in body.model_fields_set
        lot_ids = _chosen(row.operator, body.lots) if is_given else row.lot_ids
        changed = change_role(membership=row, role=body.role, lot_ids=lot_ids, at=now())
    return shown(request, tell_member(changed))


@router.delete("/users/{int:member_id}", response={204: None}, summary="Remove a person", openapi_extra=REMOVE_USER)
def delete_user(request: HttpRequest, member_id: int) -> HttpResponse:
    """End a person's work for an operator, and the API keys they made; their name stays in the history."""
    with unless_changed(request, _locked(_member(request, member_id)), tell_member) as row:
        remove_member(membership=row, at=now())
    return HttpResponse(status=204)


def tell_member(member: Membership) -> MemberOut:
    """Return a member, loaded with person and operator, as answers show it."""
    [told] = _tell_members([member])
    return told


def _tell_members(rows: Iterable[Membership]) -> list[MemberOut]:
    members = list(rows)
    slugs = _slugs(members)
    return [_tell(member, slugs) for member in members]


def _tell(member: Membership, slugs: Mapping[int, str]) -> MemberOut:
    user = member.user
    known: dict[str, Any] = {"id": member.pk, "role": member.role, "since": member.since}
    known["lots"] = _named(member, slugs)
    return MemberOut(email=user.email, name=user.name, operator=member.operator.slug, **known)


def tell_invitation(invitation: Invitation) -> InvitationOut:
    """Return an invitation, loaded with its operator, as answers show it."""
    names = ("email", "role", "invited_at", "expires_at")
    known: dict[str, Any] = {name: getattr(invitation, name) for name in names}
    known["lots"] = _named(invitation, _slugs([invitation]))
    return InvitationOut(id=invitation.pk, operator=invitation.operator.slug, **known)


def _slugs(rows: Iterable[Membership | Invitation]) -> dict[int, str]:
    """Return the short names of the lots of rows by their keys; no query without any."""
    keys = {key for row in rows for key in row.lot_ids or ()}
    return dict(Lot.objects.filter(pk__in=keys).values_list("pk", "slug")) if keys else {}


def _named(row: Membership | Invitation, slugs: Mapping[int, str]) -> list[str] | None:
    return None if row.lot_ids is None else sorted(slugs[key] for key in row.lot_ids if key in slugs)


def _chosen(operator: Operator, slugs: list[str] | None) -> list[int] | None:
    """Return the keys of lots of an operator. Raises InvalidValueError for any other."""
    if slugs is None:
        return None
    found = dict(operator.lots.filter(slug__in=slugs).values_list("slug", "pk"))
    if unknown := [slug for slug in slugs if slug not in found]:
        raise InvalidValueError(_("There is no lot %(slug)s of this operator.") % {"slug": unknown[0]}, path="lots")
    return sorted(found.values())


def _members(request: HttpRequest) -> Any:
    operators = operators_of(person_of(request), Role.ADMIN)
    return Membership.objects.filter(operator__in=operators, merchant=None).select_related("user", "operator")


def _member(request: HttpRequest, member_id: int) -> Membership:
    found: Membership | None = _members(request).filter(pk=member_id).first()
    if found is None:
        raise NotFoundError(_("There is no such person."))
    return found


def _locked(member: Membership) -> Callable[[], Membership]:
    def load() -> Membership:
        Operator.objects.select_for_update().get(pk=member.operator_id)
        found = Membership.objects.select_related("user", "operator").filter(pk=member.pk).first()
        if found is None:
            raise NotFoundError(_("There is no such person."))
        return found

    return load
