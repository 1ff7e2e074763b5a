"""Weak entity tags, so that unchanged answers are not sent again."""

import json
from hashlib import blake2b

from django.utils.http import parse_etags


def weak_etag(*sources: object) -> str:
    """Return the tag of anything that `json` can write; dates and ids are turned into text."""
    text = json.dumps(sources, default=str, sort_keys=True)
    return f'W/"{blake2b(text.encode(), digest_size=12).hexdigest()}"'


def has_etag(if_none_match: str, etag: str) -> bool:
    """Return whether the header `If-None-Match` of a request has a tag, weak or not."""
    if not if_none_match:
        return False
    known = parse_etags(if_none_match)
    return "*" in known or etag.removeprefix("W/") in {tag.removeprefix("W/") for tag in known}
