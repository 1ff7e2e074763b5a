"""Weak entity tags, so that unchanged answers are not sent again."""

import json
from hashlib import blake2b


def weak_etag(*sources: object) -> str:
    """Return the tag of anything that `json` can write; dates and ids are turned into text."""
    text = json.dumps(sources, default=str, sort_keys=True)
    return f'W/"{blake2b(text.encode(), digest_size=12).hexdigest()}"'
