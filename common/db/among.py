"""Values that are looked for in an array."""

from django.db.models import BooleanField, Func


class IsAmong(Func):
    """Whether the first expression is among the values of the second, an array."""

    template, arg_joiner, output_field = "%(expressions)s)", " = ANY(", BooleanField()
