"""Where browsers may load the tiles of a map from."""

from urllib.parse import urlsplit


def tile_sources(template: str) -> list[str]:
    """Return the origins for the Content-Security-Policy; `{s}.` stands for any subdomain, and a path for our own."""
    parts = urlsplit(template)
    return [f"{parts.scheme}://{parts.netloc.replace('{s}', '*')}"] if parts.netloc else []
