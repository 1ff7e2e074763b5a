"""Accounts: people, the users as which programs act, and the devices they were used on."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models.roles import STAFF, Role
from common.db.sealed_fields import EncryptedTextField
from common.languages import LOCALES
from common.phones import LONGEST_PHONE

DELETED = "@deleted.invalid"
PROGRAM = "@programs.invalid"
"""How the addresses of deleted accounts and of programs end; mail to `.invalid` goes nowhere (RFC 2606)."""


class UserManager(BaseUserManager["User"]):
    """Creates users by email address, kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person who logs in with `email`; without a password none works yet."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a person with every right in the back office; the address counts as verified."""
        from allauth.account.models import EmailAddress

        user = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        EmailAddress.objects.using(self._db).create(user=user, email=user.email, verified=True, primary=True)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """A person: driver by default, more through a membership.

    The `phone` begins with its country's code, as +41791234567. Texts, numbers and dates are written as in the
    `locale`, and times that are no lot's in the `timezone`; empty for the product's own. One deleted keeps its row
    for the books.

    One with `program_of` is nobody: a program of that operator, as which an API key acts. It can't log in.
    """

    email = models.EmailField("email", unique=True)
    name = models.CharField(max_length=120, blank=True)
    phone = EncryptedTextField(max_length=LONGEST_PHONE, blank=True, default="", db_default="")
    address = EncryptedTextField(max_length=300, blank=True, default="", db_default="")
    postal_code = EncryptedTextField(max_length=16, blank=True, default="", db_default="")
    locale = models.CharField(max_length=8, choices=LOCALES, blank=True, default="", db_default="")
    timezone = models.CharField(max_length=64, blank=True, default="", db_default="")
    is_staff = models.BooleanField(_("back office"), default=False)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(default=now)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    program_of = models.ForeignKey(
        "Operator", models.PROTECT, null=True, blank=True, editable=False, related_name="programs", db_index=False
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_in_any_case"),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True)
                | Q(is_active=False, name="", phone="", address="", postal_code="", email__endswith=DELETED),
                name="user_deleted_is_nobody",
            ),
            models.CheckConstraint(
                condition=Q(program_of__isnull=True) | Q(is_staff=False, is_superuser=False, email__endswith=PROGRAM),
                name="user_program_has_no_rights",
            ),
        ]

    def __str__(self) -> str:
        if self.deleted_at:
            return str(_("Deleted account"))
        if self.email.endswith(PROGRAM):
            return gettext("key %(name)s") % {"name": self.name}
        return self.name or self.email

    @property
    def is_program(self) -> bool:
        """Return whether this is a program, as which an API key acts, and no person."""
        return self.program_of_id is not None

    @cached_property
    def menu_role(self) -> str:
        """Return the role whose menu this person sees: the highest at any operator, else `driver`."""
        roles = {membership.role for membership in self.own_memberships}
        return next((role for role in (*STAFF, Role.VALIDATOR) if role in roles), "driver")

    @cached_property
    def is_limited_to_lots(self) -> bool:
        """Return whether this person has the role of the menu at some lots alone, and at no operator as a whole."""
        held = [one for one in self.own_memberships if one.role == self.menu_role]
        return bool(held) and all(one.lot_ids is not None for one in held)

    @cached_property
    def own_memberships(self) -> list[Any]:
        """Return this person's memberships as they were when first asked for."""
        return list(self.memberships.all())


class SignedInDevice(models.Model):
    """A device on which an account was signed in to, by what its browser says of itself; only a digest is kept."""

    person = models.ForeignKey(User, models.CASCADE, related_name="signed_in_devices", db_index=False)
    digest = models.CharField(max_length=64)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "digest"], name="signed_in_device_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.first_seen_at:%Y-%m-%d}"
