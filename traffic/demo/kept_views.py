"""Views of lists that the demo's admin keeps."""

from datetime import datetime

from lists.services import save_view
from traffic.demo.personas import People

VIEWS = (
    ("debts", "Largest first", "sort=-owed"),
    ("stays", "Long and left", "status=closed&length=24&sort=-length"),
    ("payments", "Cash above 20", "method=cash&least=20"),
)


def keep_views(people: People, *, at: datetime) -> None:
    """Save some views for the admin."""
    for listing, name, asked in VIEWS:
        save_view(owner=people.admin, listing=listing, name=name, asked=asked, at=at)
