"""Maps the sources of a recording to lots."""

from collections.abc import Iterable, Mapping, Sequence

from common.errors import DomainError
from traffic.replay.passages import Facility
from traffic.replay.recording import NO_SOURCE


class MappingError(DomainError):
    """The sources can't be mapped to lots as requested."""

    code = "mapping"


def facilities_of(
    sources: Iterable[str], *, lot: str | None, mapped: Sequence[str], only: Sequence[str]
) -> dict[str, Facility]:
    """Map each chosen source to its lot: a single source to `lot`, or each as `SOURCE=SLUG` says.

    Raises MappingError.
    """
    known = sorted(set(sources))
    _refuse_unknown(known, only)
    chosen = [source for source in known if not only or source in only]
    if lot is not None:
        if len(chosen) > 1:
            raise MappingError(f"--lot takes one facility; choose one by --only: {', '.join(chosen)}.")
        return {source: Facility(lot) for source in chosen}
    lots = _parsed(mapped)
    _refuse_unknown(known, lots)
    led = [source for source in lots if source in chosen]
    return {source: Facility(lots[source], number) for number, source in enumerate(led)}


def _parsed(mapped: Sequence[str]) -> Mapping[str, str]:
    lots = {}
    for text in mapped:
        source, found, slug = text.rpartition("=")
        if not found or not slug:
            raise MappingError(f"--map needs SOURCE=SLUG: {text}")
        lots[source] = slug
    return lots


def _refuse_unknown(known: Sequence[str], named: Iterable[str]) -> None:
    unknown = [source for source in named if source not in known]
    if unknown:
        there = ", ".join(source for source in known if source != NO_SOURCE) or "no `lot` column"
        raise MappingError(f"The recording has no {', '.join(unknown)}; it has: {there}.")
