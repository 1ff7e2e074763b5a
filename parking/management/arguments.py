"""Arguments that several commands take."""

from argparse import ArgumentParser, ArgumentTypeError

from django.conf import settings

from parking.supervisor.address import running_address


def add_url(parser: ArgumentParser) -> None:
    """Add the server's address; defaults to the running `up` of this installation."""
    here = running_address(settings.PARKING_DATA) or settings.PUBLIC_URL
    parser.add_argument("--url", default=here, help="the server (default: the running one, now %(default)s)")


def speed(text: str) -> float:
    """Parse a speed factor; raises ArgumentTypeError."""
    return between(text, 0.01, 1e6)


def between(text: str, least: float, most: float) -> float:
    """Parse a number from `least` to `most`; raises ArgumentTypeError."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        raise ArgumentTypeError(f"{text} is not between {least:g} and {most:g}")
    return value
