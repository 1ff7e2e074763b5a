"""Names of violated constraints."""

from django.db import IntegrityError


def constraint_of(error: IntegrityError) -> str:
    """Return the name of the violated constraint, or an empty string."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return str(getattr(diagnostics, "constraint_name", None) or "")
