"""People in the back office."""

from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailAddress
from allauth.usersessions.admin import UserSessionAdmin
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.core.exceptions import ValidationError
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import ApiKey, BlockedPlate, Invitation, Membership, Operator, Permit, User, Vehicle
from common.web.admin import BackOffice, ReadOnlyAdmin

if TYPE_CHECKING:
    PersonPage = UserAdmin[User]
    MembershipRows = admin.TabularInline[Membership, User]
    NewPerson = AdminUserCreationForm[User]
    MembershipRow = ModelForm[Membership]
else:
    PersonPage = UserAdmin
    MembershipRows = admin.TabularInline
    NewPerson = AdminUserCreationForm
    MembershipRow = ModelForm


class MembershipForm(MembershipRow):
    """A membership of an account with a verified address; a new account's address counts as verified by its creator."""

    def clean(self) -> dict[str, Any] | None:
        """Refuse an account whose address is not verified: anybody may have signed up with it."""
        cleaned = super().clean()
        person = (cleaned or {}).get("user") or self.instance.user_id
        known = User.objects.filter(pk=getattr(person, "pk", person)).first()
        if known and not EmailAddress.objects.filter(user=known, verified=True).exists():
            raise ValidationError(
                _("%(email)s has not verified the address. Invite them under People instead.") % {"email": known.email}
            )
        if cleaned is not None and not cleaned.get("lot_ids"):
            cleaned["lot_ids"] = None  # at all lots
        return cleaned


class MembershipInline(MembershipRows):
    model = Membership
    form = MembershipForm
    extra = 0
    autocomplete_fields = ["operator"]


class NewPersonForm(NewPerson):
    """A person by email address, with a password or none yet."""

    class Meta:
        model = User
        fields = ("email", "name")

    def clean_email(self) -> str:
        """Keep addresses in lower case."""
        return str(self.cleaned_data["email"]).lower()


@admin.register(User)
class PersonAdmin(PersonPage):
    add_form = NewPersonForm
    list_display = ["email", "name", "is_active", "is_staff", "joined_at"]
    list_filter = ["is_active", "is_staff", "memberships__role"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    date_hierarchy = "joined_at"
    readonly_fields = ["last_login", "joined_at"]
    inlines = [MembershipInline]
    fieldsets = (
        (None, {"fields": ("email", "password", "name")}),
        (gettext_lazy("Rights"), {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        (gettext_lazy("Dates"), {"fields": ("last_login", "joined_at")}),
    )
    add_fieldsets: Any = ((None, {"fields": ("email", "name", "usable_password", "password1", "password2")}),)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's call
        """Save a person; an address entered here counts as verified."""
        super().save_model(request, obj, form, change)
        if not change:
            EmailAddress.objects.create(user=obj, email=obj.email, verified=True, primary=True)


@admin.register(Operator)
class OperatorAdmin(BackOffice):
    list_display = ["name", "slug", "currency", "created_at"]
    search_fields = ["name", "slug"]
    readonly_fields = ["created_at"]


@admin.register(Membership)
class MembershipAdmin(BackOffice):
    form = MembershipForm
    list_display = ["user", "operator", "role", "since"]
    list_filter = ["role", "operator"]
    search_fields = ["user__email", "user__name", "operator__name"]
    list_select_related = ["user", "operator"]
    autocomplete_fields = ["user", "operator"]


@admin.register(Invitation)
class InvitationAdmin(ReadOnlyAdmin):
    list_display = [
        "email",
        "operator",
        "role",
        "invited_by",
        "invited_at",
        "expires_at",
        "accepted_at",
        "withdrawn_at",
    ]
    list_filter = ["operator", "role"]
    search_fields = ["email", "operator__name"]
    list_select_related = ["operator", "invited_by"]
    # A part of the link that accepts it.
    exclude = ["nonce"]


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = ["name", "operator", "public_id", "made_by", "made_at", "last_used_at", "ends_at", "withdrawn_at"]
    list_filter = ["operator", ("withdrawn_at", admin.EmptyFieldListFilter)]
    search_fields = ["name", "public_id"]
    list_select_related = ["operator", "made_by"]
    exclude = ["key_hash", "old_hash"]


@admin.register(Vehicle)
class VehicleAdmin(BackOffice):
    list_display = ["plate", "owner", "vehicle_type", "electric", "added_at"]
    list_filter = ["vehicle_type", "electric"]
    search_fields = ["plate_normalised", "plate", "owner__email"]
    list_select_related = ["owner"]
    autocomplete_fields = ["owner"]


@admin.register(Permit)
class PermitAdmin(BackOffice):
    list_display = ["plate", "number", "operator", "valid_from", "valid_until"]
    list_filter = ["operator"]
    search_fields = ["plate_normalised", "plate", "number"]
    list_select_related = ["operator"]
    autocomplete_fields = ["operator"]


@admin.register(BlockedPlate)
class BlockedPlateAdmin(BackOffice):
    list_display = ["plate", "operator", "reason", "blocked_at", "blocked_by", "lifted_at"]
    list_filter = ["operator", ("lifted_at", admin.EmptyFieldListFilter)]
    search_fields = ["plate_normalised", "plate"]
    list_select_related = ["operator", "blocked_by"]
    autocomplete_fields = ["operator", "blocked_by"]
    date_hierarchy = "blocked_at"


# The package's admin of sessions searches by user name, which this user model doesn't have.
UserSessionAdmin.search_fields = ["user__email", "ip"]
