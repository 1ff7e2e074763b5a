"""Users, operators, memberships, programs' keys, vehicles, permits and blocked plates."""

from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.vehicles import VehicleType
from common.db.choices import choices_of, values_of
from common.languages import LOCALES
from common.notes import LONGEST_NOTE
from common.plates import MAX_LENGTH, MAX_RAW_LENGTH
from common.regions import LONGEST_KEY

VEHICLE_LABELS = {
    VehicleType.MOTORCYCLE: _("Motorcycle"),
    VehicleType.COMPACT: _("Compact car"),
    VehicleType.REGULAR: _("Car"),
    VehicleType.LARGE: _("Van or truck"),
}

PHONE = r"^\+[1-9][0-9]{6,14}$"
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
    phone = models.CharField(max_length=16, blank=True, default="", db_default="")
    address = models.CharField(max_length=300, blank=True, default="", db_default="")
    postal_code = models.CharField(max_length=16, blank=True, default="", db_default="")
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
                condition=Q(phone="") | Q(phone__regex=PHONE), name="user_phone_with_its_country_code"
            ),
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
        roles = {membership.role for membership in self.memberships.all()}
        return next((role for role in (*STAFF, Role.VALIDATOR) if role in roles), "driver")


class DebtConsequence(models.TextChoices):
    """What as many open debts of a plate as are the limit lead to."""

    BLOCK = "block", _("The car is not let in")
    PREPAY = "prepay", _("The car is let in only with a prepaid booking")


class Operator(models.Model):
    """A company that runs lots; its data is hidden from other operators.

    `waiver_limit` is the largest fee that an attendant may waive, `waiver_day_limit` what one may waive in a day; in
    minor units of `currency`, empty for no limit. Admins have none. Above `refund_limit` a second person approves a
    refund; empty for never. The legal name (else the name), address and tax id stand on its documents,
    whose year is that in its `timezone`; without one, in that of the lot. A till that is off by more than
    `till_tolerance` needs a note. Each reminder of a debt costs `debt_reminder_fee`, all of one debt at most
    `debt_fee_cap`, which the law sets. `debt_consequence` is what three open debts of a plate lead to.
    """

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    waiver_limit = models.PositiveBigIntegerField(null=True, blank=True)
    waiver_day_limit = models.PositiveBigIntegerField(null=True, blank=True)
    refund_limit = models.PositiveBigIntegerField(null=True, blank=True)
    legal_name = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=300, blank=True)
    tax_id = models.CharField(max_length=40, blank=True)
    timezone = models.CharField(max_length=64, blank=True)
    till_tolerance = models.PositiveBigIntegerField(default=0)
    debt_reminder_fee = models.PositiveBigIntegerField(default=0)
    debt_fee_cap = models.PositiveBigIntegerField(null=True, blank=True)
    debt_consequence = models.CharField(
        max_length=6, choices=DebtConsequence.choices, default=DebtConsequence.BLOCK, db_default=DebtConsequence.BLOCK
    )
    created_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(debt_reminder_fee=0) | Q(debt_fee_cap__isnull=False), name="operator_fee_has_a_cap"
            ),
            models.CheckConstraint(
                condition=Q(debt_consequence__in=DebtConsequence.values), name="operator_debt_consequence_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class OperatorLogo(models.Model):
    """The picture on an operator's documents: a small PNG or JPEG."""

    operator = models.OneToOneField(Operator, models.CASCADE, related_name="logo", primary_key=True)
    image = models.BinaryField()
    media_type = models.CharField(max_length=20)

    def __str__(self) -> str:
        return f"Logo of {self.operator}"


class MerchantQuerySet(models.QuerySet["Merchant"]):
    """Filters of merchants."""

    def active(self) -> "MerchantQuerySet":
        """Keep those that still give discounts."""
        return self.filter(ended_at__isnull=True)


class Merchant(models.Model):
    """A shop whose people lower the parking fee of its customers.

    Its invoices go to the legal name (else the name) with the address and tax id, by mail to `email`. One that has
    ended keeps its row for the books.
    """

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="merchants")
    name = models.CharField(max_length=60)
    legal_name = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=300, blank=True)
    country = models.CharField(max_length=2, blank=True)
    tax_id = models.CharField(max_length=40, blank=True)
    email = models.EmailField("email", blank=True)
    created_at = models.DateTimeField(default=now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = MerchantQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["operator", "name"], name="merchant_name_once_per_operator")]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    ADMIN = "admin", _("Admin")
    ATTENDANT = "attendant", _("Attendant")
    VALIDATOR = "validator", _("Validator")


STAFF = (Role.ADMIN, Role.ATTENDANT)
"""The roles of those who work for an operator itself, the highest first."""
STAFF_CHOICES = [(role.value, role.label) for role in STAFF]


class Membership(models.Model):
    """A person's role at an operator; a validator belongs to one of its merchants, others to none."""

    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    operator = models.ForeignKey(Operator, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices)
    merchant = models.ForeignKey(Merchant, models.CASCADE, null=True, blank=True, related_name="memberships")
    since = models.DateTimeField(default=now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "operator"], name="membership_one_per_operator"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
            models.CheckConstraint(
                condition=Q(role=Role.VALIDATOR, merchant__isnull=False)
                | (~Q(role=Role.VALIDATOR) & Q(merchant__isnull=True)),
                name="membership_validator_has_merchant",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()} · {self.operator}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Filters of invitations."""

    def waiting(self) -> "InvitationQuerySet":
        """Keep those that were neither accepted nor withdrawn; some of them may have expired."""
        return self.filter(accepted_at__isnull=True, withdrawn_at__isnull=True)


class Invitation(models.Model):
    """An offer of a role at an operator to an email address; the membership begins when it is accepted.

    That of a validator is for a `merchant`.
    `nonce` is part of the mailed link and changes with every mail, so that only the last link works.
    """

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="invitations")
    email = models.EmailField("email")
    role = models.CharField(max_length=12, choices=Role.choices)
    merchant = models.ForeignKey(Merchant, models.CASCADE, null=True, blank=True, related_name="invitations")
    nonce = models.CharField(max_length=32)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-invited_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "email"],
                condition=Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="invitation_one_waiting",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_known"),
            models.CheckConstraint(
                condition=Q(role=Role.VALIDATOR, merchant__isnull=False)
                | (~Q(role=Role.VALIDATOR) & Q(merchant__isnull=True)),
                name="invitation_validator_has_merchant",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True) | Q(withdrawn_at__isnull=True), name="invitation_ends_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.get_role_display()} · {self.operator}"


class Vehicle(models.Model):
    """A driver's vehicle, found by its normalised plate."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="vehicles")
    plate = models.CharField(max_length=MAX_RAW_LENGTH)
    plate_normalised = models.CharField(max_length=MAX_LENGTH)
    vehicle_type = models.CharField(max_length=12, choices=choices_of(VEHICLE_LABELS), default=VehicleType.REGULAR)
    electric = models.BooleanField(default=False)
    added_at = models.DateTimeField(default=now)

    class Meta:
        ordering = ["plate_normalised"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "plate_normalised"], name="vehicle_plate_once_per_owner"),
            models.CheckConstraint(condition=Q(vehicle_type__in=values_of(VehicleType)), name="vehicle_type_known"),
        ]
        indexes = [models.Index(fields=["plate_normalised"], name="vehicle_plate")]

    def __str__(self) -> str:
        return self.plate


class Permit(models.Model):
    """A handicap permit on a plate, valid at one operator's lots, first and last day included."""

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="permits")
    plate = models.CharField(max_length=MAX_RAW_LENGTH)
    plate_normalised = models.CharField(max_length=MAX_LENGTH)
    number = models.CharField(max_length=40, blank=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=models.F("valid_from")),
                name="permit_ends_after_start",
            )
        ]
        indexes = [models.Index(fields=["operator", "plate_normalised"], name="permit_plate")]

    def __str__(self) -> str:
        return f"Permit {self.plate}"


class BlockedPlateQuerySet(models.QuerySet["BlockedPlate"]):
    """Filters of the blocklist."""

    def in_force(self) -> "BlockedPlateQuerySet":
        """Keep the plates that are blocked now."""
        return self.filter(lifted_at__isnull=True)


class BlockedPlate(models.Model):
    """A plate that an operator does not let in; matched exactly, without confusable characters.

    With a `region`, as a key, it blocks only cars that meet that, where a lot tells cars by it. One `for_debts` was
    made at the limit of open debts and goes with them; it has the operator's `debt_consequence`, so it may only demand
    prepayment.
    """

    operator = models.ForeignKey(Operator, models.CASCADE, related_name="blocked_plates")
    plate = models.CharField(max_length=MAX_RAW_LENGTH)
    plate_normalised = models.CharField(max_length=MAX_LENGTH)
    region = models.CharField(max_length=LONGEST_KEY, blank=True)
    reason = models.CharField(max_length=LONGEST_NOTE)
    blocked_at = models.DateTimeField()
    blocked_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    for_debts = models.BooleanField(default=False, editable=False)
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = BlockedPlateQuerySet.as_manager()

    class Meta:
        ordering = ["-blocked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "plate_normalised", "region", "for_debts"],
                condition=Q(lifted_at__isnull=True),
                name="blocked_plate_once_in_force",
            ),
            models.CheckConstraint(condition=~Q(plate_normalised=""), name="blocked_plate_readable"),
        ]

    def __str__(self) -> str:
        return self.plate

    @property
    def is_prepay(self) -> bool:
        """Return whether it only demands prepayment: the car is let in with a prepaid booking."""
        return self.for_debts and self.operator.debt_consequence == DebtConsequence.PREPAY


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


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Filters of API keys."""

    def standing(self, at: datetime) -> "ApiKeyQuerySet":
        """Keep the keys that work: not withdrawn, not ended, and made by who is an admin there still."""
        admins = Membership.objects.filter(
            user=OuterRef("made_by"), operator=OuterRef("operator"), role=Role.ADMIN, user__is_active=True
        )
        not_ended = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
        return self.filter(not_ended, Exists(admins), withdrawn_at__isnull=True)


class ApiKey(models.Model):
    """What a program of an operator shows instead of a password; only a hash of it is stored.

    It acts as the user `acts_as`, which records show as who did something. It may do what its `scopes` name, at the
    lots with these keys (lots belong to a room above, so they are plain numbers here), or at all of them. A rolled
    one's `old_hash` is valid until `old_ends_at`.
    """

    operator = models.ForeignKey(Operator, models.PROTECT, related_name="api_keys")
    acts_as = models.OneToOneField(User, models.PROTECT, related_name="api_key")
    name = models.CharField(max_length=60)
    scopes = ArrayField(models.CharField(max_length=40))
    lot_ids = ArrayField(models.BigIntegerField(), null=True, blank=True)
    public_id = models.CharField(max_length=12, unique=True)
    key_hash = models.BinaryField(max_length=32)
    old_hash = models.BinaryField(max_length=32, null=True, blank=True)
    old_ends_at = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    rolled_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        ordering = ["operator_id", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "name"],
                condition=Q(withdrawn_at__isnull=True),
                name="api_key_name_once_per_operator",
            ),
            models.CheckConstraint(
                condition=Q(old_hash__isnull=True, old_ends_at__isnull=True)
                | Q(old_hash__isnull=False, old_ends_at__isnull=False),
                name="api_key_old_one_ends",
            ),
            models.CheckConstraint(condition=~Q(scopes=[]), name="api_key_may_something"),
            models.CheckConstraint(condition=Q(lot_ids__isnull=True) | ~Q(lot_ids=[]), name="api_key_is_for_some_lot"),
        ]

    def __str__(self) -> str:
        return self.name


class KeptAnswer(models.Model):
    """What a request with an `Idempotency-Key` was answered, for the same request again within a day."""

    caller = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    key_digest = models.CharField(max_length=64)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField()
    kept_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key_digest"], name="kept_answer_once")]

    def __str__(self) -> str:
        return f"{self.status}, {self.kept_at:%Y-%m-%d}"
