"""Roles: who may do what, checked where rows are loaded.

A role may be limited to some lots of an operator. Then it opens those, by `lots.access`, and nothing that belongs to
the operator as a whole.

A row of another operator answers 404, one that needs a higher role 403; visitors are redirected to the log-in.
Superusers are members of no operator; they work in the back office.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import BigIntegerField, F, Func, Q, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from accounts.models import Membership, Operator, Role, User
from common.errors import FieldError, ForbiddenError, InvalidValueError, NotFoundError

P = ParamSpec("P")
Person = User | AnonymousUser

_INCLUDED_IN = {
    Role.GUARD: (Role.GUARD, Role.ADMIN),
    Role.ATTENDANT: (Role.ATTENDANT, Role.ADMIN),
    Role.ADMIN: (Role.ADMIN,),
}
"""The roles that open what a role opens: a guard and an attendant have different work, and an admin both."""


class PersonRequest(HttpRequest):
    """A request of a logged-in person."""

    user: User


PersonView = Callable[Concatenate[PersonRequest, P], HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def roles_from(role: str) -> list[str]:
    """Return `role`, one of those of an operator's staff, and the roles above it."""
    return [including.value for including in _INCLUDED_IN[Role(role)]]


def operators_of(user: Person, role: str = Role.ATTENDANT) -> QuerySet[Operator]:
    """Return the operators at which the person has `role` or a higher one as a whole, limited to no lots.

    A program has any role at its operator.
    """
    return _operators(user, role, memberships__lot_ids=None)


def employers_of(user: Person, role: str = Role.ATTENDANT) -> QuerySet[Operator]:
    """Return the operators at which the person has `role` or a higher one, at all or some of their lots."""
    return _operators(user, role)


def _operators(user: Person, role: str, **more: object) -> QuerySet[Operator]:
    if not isinstance(user, User):
        return Operator.objects.none()
    if user.is_program:
        return Operator.objects.filter(programs=user)
    return Operator.objects.filter(memberships__user=user, memberships__role__in=roles_from(role), **more)


def operator_ids_of(user: Person, role: str = Role.ATTENDANT) -> frozenset[int]:
    """Return the keys of the operators at which the person has `role` or a higher one as a whole.

    From the memberships that pages load for the menu, so without a query there. A program with chosen lots has none.
    """
    if not isinstance(user, User):
        return frozenset()
    if user.program_of_id is not None:
        return frozenset({user.program_of_id} if user.api_key.lot_ids is None else ())
    roles = roles_from(role)
    return frozenset(one.operator_id for one in user.own_memberships if one.lot_ids is None and one.role in roles)


def lot_ids_chosen_for(user: Person, role: str = Role.ATTENDANT) -> QuerySet[Membership, int]:
    """Return the keys of the lots to which a role of the person, `role` or a higher one, is limited."""
    if not isinstance(user, User):
        return Membership.objects.none().values_list("pk", flat=True)
    limited = Membership.objects.filter(user=user, role__in=roles_from(role), lot_ids__isnull=False)
    each = Func(F("lot_ids"), function="unnest", output_field=BigIntegerField())
    return limited.annotate(lot_id=each).values_list("lot_id", flat=True)


def admins_at(operator_id: int, *, lot_id: int | None = None) -> QuerySet[Membership]:
    """Return the memberships of the active admins of an operator as a whole, or also of those of one of its lots."""
    whole = Q(lot_ids__isnull=True)
    at_place = whole | Q(lot_ids__contains=[lot_id]) if lot_id is not None else whole
    return Membership.objects.filter(at_place, operator=operator_id, role=Role.ADMIN, user__is_active=True)


def verified_address(user: Person) -> str:
    """Return the verified email address of a signed-in person; empty without one."""
    if not isinstance(user, User):
        return ""
    return str(
        EmailAddress.objects.filter(user=user, primary=True, verified=True).values_list("email", flat=True).first()
        or ""
    )


def has_role(user: Person, role: str, operator: Operator | None = None) -> bool:
    """Return whether the person has `role` or a higher one: at `operator` as a whole, or (without it) anywhere."""
    if operator is not None:
        return operators_of(user, role).filter(pk=operator.pk).exists()
    return employers_of(user, role).exists()


def runs_operator(user: Person) -> bool:
    """Return whether the person is an admin of an operator as a whole, limited to no lots."""
    return operators_of(user, Role.ADMIN).exists()


class LotsOnlyError(ForbiddenError):
    """The person's role is limited to some lots, and this belongs to the operator as a whole."""

    code = "lots_only"


def require_operator(user: Person) -> None:
    """Raise ForbiddenError for who is no admin, LotsOnlyError for whose role is limited to some lots."""
    if runs_operator(user):
        return
    if has_role(user, Role.ADMIN):
        raise LotsOnlyError(_("This belongs to the operator as a whole, and your role is limited to some lots."))
    raise ForbiddenError(_("Only admins may do this."))


def load_operator(user: Person, slug: str = "", role: str = Role.ADMIN) -> Operator:
    """Return the operator of this short name, or the only one, at which the person has a role or a higher one.

    Raises ForbiddenError for who has the role nowhere, NotFoundError, or InvalidValueError when several could be meant.
    """
    operators = list(operators_of(user, role))
    if not operators and role == Role.ADMIN and has_role(user, role):
        require_operator(user)
    if not operators:
        raise ForbiddenError(_("Your role does not allow this."))
    if not slug and len(operators) > 1:
        raise InvalidValueError(_("Say which operator is meant."), path="operator")
    found = next((one for one in operators if slug in {"", one.slug}), None)
    if found is None:
        message = _("There is no such operator.")
        raise NotFoundError(message, errors=[FieldError("operator", message)])
    return found


def runs_installation(person: Person) -> bool:
    """Return whether a person runs the installation: the back office, or an admin where there is one operator alone.

    Rows of several operators may be in what concerns the installation, and nobody is to learn of another's.
    """
    if not isinstance(person, User) or not person.is_active or person.is_program:
        return False
    return person.is_superuser or (Operator.objects.count() == 1 and runs_operator(person))


def people_of_installation() -> list[tuple[str, str]]:
    """Return the addresses of those who run the installation, as `runs_installation` says, each with its locale.

    Rows of several operators may be meant, and nobody is to learn of another's.
    """
    people = User.objects.filter(is_active=True)
    found = set(people.filter(is_superuser=True).values_list("email", "locale"))
    if Operator.objects.count() == 1:
        found.update(
            people.filter(memberships__role=Role.ADMIN, memberships__lot_ids=None).values_list("email", "locale")
        )
    return sorted(found)


def signed_in(request: HttpRequest) -> User | None:
    """Return the signed-in person of a request, None for a visitor."""
    return request.user if isinstance(request.user, User) else None


def login_required_page(view: PersonView[P]) -> View[P]:
    """Send visitors of a page to log in first."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(cast("PersonRequest", request), *args, **kwargs)

    return guarded


def confirmed_page(view: PersonView[P]) -> View[P]:
    """Allow a page to people who have confirmed by password or passkey within minutes that it is them."""
    return login_required_page(cast("PersonView[P]", reauthentication_required(view)))


def role_required(*roles: str) -> Callable[[PersonView[P]], View[P]]:
    """Allow a page to people with one of the roles or a higher one at some operator; visitors log in first.

    The view still loads its rows through an access helper, which checks the role at the row's own operator.
    """

    def decorate(view: PersonView[P]) -> View[P]:
        @wraps(view)
        def guarded(request: PersonRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not any(has_role(request.user, role) for role in roles):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return login_required_page(guarded)

    return decorate


def operator_required(view: PersonView[P]) -> View[P]:
    """Allow a page to admins of an operator as a whole; who is limited to some lots is told so."""

    @wraps(view)
    def guarded(request: PersonRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            require_operator(request.user)
        except ForbiddenError as error:
            raise PermissionDenied(error if isinstance(error, LotsOnlyError) else "") from error
        return view(request, *args, **kwargs)

    return login_required_page(guarded)
