"""Companies that have passes for their cars, and the people who manage these."""

from django.db import models

from accounts.models import Operator, User
from common.db.sealed_fields import EncryptedTextField


class Company(models.Model):
    """A customer of an operator that has passes; invoices go to its `email`, with its address and tax id."""

    operator = models.ForeignKey(Operator, models.PROTECT, related_name="companies")
    name = models.CharField(max_length=120)
    email = models.EmailField()
    address = EncryptedTextField(max_length=300, blank=True)
    tax_id = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [models.UniqueConstraint(fields=["operator", "name"], name="company_name_once_per_operator")]

    def __str__(self) -> str:
        return self.name


class CompanyManager(models.Model):
    """A person who manages the plates and people of a company's passes."""

    company = models.ForeignKey(Company, models.CASCADE, related_name="managers")
    user = models.ForeignKey(User, models.CASCADE, related_name="managed_companies")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)

    class Meta:
        ordering = ["added_at", "id"]
        constraints = [models.UniqueConstraint(fields=["company", "user"], name="company_manager_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.company}"
