"""What programs of others say, as our columns can keep it."""


def storable(text: str, longest: int) -> str:
    """Return a text without NUL and halves of characters, which PostgreSQL does not take, cut to its column."""
    return text.encode(errors="replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")[:longest]
