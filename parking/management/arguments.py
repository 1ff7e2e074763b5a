"""Arguments that several commands take."""

from argparse import ArgumentTypeError


def speed(text: str) -> float:
    """Read how many times faster than life; raises ArgumentTypeError."""
    return between(text, 0.01, 1e6)


def between(text: str, least: float, most: float) -> float:
    """Read a number from `least` to `most`; raises ArgumentTypeError."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise ArgumentTypeError(f"{text} is not between {least:g} and {most:g}")
    return value
