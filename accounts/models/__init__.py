"""Accounts, operators, their people and programs, and the plates of cars."""

from accounts.models.applicants import LONGEST_WISHES, OperatorApplication, OperatorApplicationQuerySet
from accounts.models.members import Invitation, InvitationQuerySet, Membership
from accounts.models.operators import DebtConsequence, Merchant, MerchantQuerySet, Operator, OperatorLogo, SetupCode
from accounts.models.plates import VEHICLE_LABELS, BlockedPlate, BlockedPlateQuerySet, Permit, PermitKind, Vehicle
from accounts.models.programs import ApiKey, ApiKeyQuerySet, KeptAnswer
from accounts.models.roles import STAFF, STAFF_CHOICES, Role
from accounts.models.users import DELETED, PROGRAM, SignedInDevice, User

__all__ = [
    "DELETED",
    "LONGEST_WISHES",
    "PROGRAM",
    "STAFF",
    "STAFF_CHOICES",
    "VEHICLE_LABELS",
    "ApiKey",
    "ApiKeyQuerySet",
    "BlockedPlate",
    "BlockedPlateQuerySet",
    "DebtConsequence",
    "Invitation",
    "InvitationQuerySet",
    "KeptAnswer",
    "Membership",
    "Merchant",
    "MerchantQuerySet",
    "Operator",
    "OperatorApplication",
    "OperatorApplicationQuerySet",
    "OperatorLogo",
    "Permit",
    "PermitKind",
    "Role",
    "SetupCode",
    "SignedInDevice",
    "User",
    "Vehicle",
]
