"""Finds the timezones of the lots of a replay."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from common.errors import NotFoundError
from lots.models import Lot
from traffic.client import Server


def zones_here(slugs: Iterable[str]) -> dict[str, ZoneInfo]:
    """Look the lots up in the database; raises NotFoundError for an unknown one."""
    wanted = set(slugs)
    zones = dict(Lot.objects.filter(slug__in=wanted).values_list("slug", "timezone"))
    if wanted - zones.keys():
        raise NotFoundError(f"There is no lot {', '.join(sorted(wanted - zones.keys()))}.")
    return {slug: ZoneInfo(zone) for slug, zone in zones.items()}


def zones_at(server: Server, slugs: Iterable[str]) -> dict[str, ZoneInfo]:
    """Ask a remote server for its lots; raises NoAnswerError for an unknown one."""
    return {slug: ZoneInfo(server.timezone(slug)) for slug in set(slugs)}
