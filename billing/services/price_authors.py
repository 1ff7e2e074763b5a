"""Names who changes prices, for the history that the database keeps."""

import json
from datetime import datetime

from django.db import connection

from accounts.models import User


def changes_prices(by: User | None, at: datetime) -> None:
    """Let the changes of prices in this transaction be those of a person, or of a site file if nobody is named."""
    author = json.dumps({"by": by and by.pk, "at": at.isoformat()})
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('parking.prices_changed_by', %s, true)", [author])
