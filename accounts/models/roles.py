"""What people may be at an operator."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    ADMIN = "admin", _("Admin")
    ATTENDANT = "attendant", _("Attendant")
    GUARD = "guard", _("Guard (gates only)")
    VALIDATOR = "validator", _("Validator")


STAFF = (Role.ADMIN, Role.ATTENDANT, Role.GUARD)
"""The roles of those who work for an operator itself, the highest first."""
STAFF_CHOICES = [(role.value, role.label) for role in STAFF]
