"""Entity tags, so that unchanged answers are not sent again, and changed rows are not overwritten."""

import json
from hashlib import blake2b

from django.utils.http import parse_etags


def etag_of(*sources: object) -> str:
    """Return the tag of anything that `json` can write; dates and ids are turned into text."""
    text = json.dumps(sources, default=str, sort_keys=True)
    return f'"{blake2b(text.encode(), digest_size=12).hexdigest()}"'


def weak_etag(*sources: object) -> str:
    """Return the tag of an answer that means the same as others with this tag."""
    return f"W/{etag_of(*sources)}"


def has_etag(condition: str, etag: str) -> bool:
    """Return whether the header `If-None-Match` or `If-Match` of a request has a tag.

    Compressing an answer makes its tag weak, so one is as good as the other.
    """
    if not condition:
        return False
    known = parse_etags(condition)
    return "*" in known or etag.removeprefix("W/") in {tag.removeprefix("W/") for tag in known}
