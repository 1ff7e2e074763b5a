"""The search text of lots: without case, accents and ligatures, with each umlaut in every usual spelling.

Both functions are in the database (migration `search_text`), so that stored texts and queries are folded alike.
"""

from django.db.models import Func, TextField


class Folded(Func):
    """A query's word as it is compared: `Löwenstraße` becomes `lowenstrasse`."""

    function = "lots_folded"
    output_field = TextField()


class SearchText(Func):
    """A text in each spelling people may type: `Zürich` becomes `zurich` and `zuerich`, and so does `Zuerich`."""

    function = "lots_search_text"
    output_field = TextField()
