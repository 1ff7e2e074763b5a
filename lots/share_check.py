"""The database's check of the shares that may be promised."""

from django.db.models import BooleanField, Func


class AreShares(Func):
    """Whether a JSON column is an object of whole numbers from 0 to 100."""

    template = (
        "(jsonb_typeof(%(expressions)s) = 'object' AND NOT jsonb_path_exists(%(expressions)s,"
        " '$.* ? (@.type() != \"number\" || @ < 0 || @ > 100 || @.floor() != @)'))"
    )
    output_field = BooleanField()
