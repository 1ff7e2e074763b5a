"""Machines at the lots, and their keys."""

from django.db import models
from django.db.models import Q
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from lots.models import Gate, Lot


class DeviceKind(models.TextChoices):
    CAMERA = "camera", _("Plate camera")
    BARRIER = "barrier", _("Barrier controller")
    KIOSK = "kiosk", _("Kiosk")
    EDGE = "edge", _("Edge box")


class Device(models.Model):
    """A machine with its own key. The key is valid at its gate, an edge box's key at every gate of the lot."""

    lot = models.ForeignKey(Lot, models.CASCADE, related_name="devices")
    gate = models.ForeignKey(Gate, models.CASCADE, related_name="devices")
    kind = models.CharField(max_length=8, choices=DeviceKind.choices, default=DeviceKind.CAMERA)
    name = models.CharField(max_length=80)
    key_prefix = models.CharField(max_length=12, unique=True)
    key_hash = models.BinaryField(max_length=32)
    issued_at = models.DateTimeField(default=now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["gate_id", "id"]
        constraints = [models.CheckConstraint(condition=Q(kind__in=DeviceKind.values), name="device_kind_known")]

    def __str__(self) -> str:
        return self.name
