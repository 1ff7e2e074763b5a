"""Where a plate is from, as cameras tell it: `CH`, or with its part `CH-ZH`. Plates of two regions are of two cars."""

LONGEST_REGION = 20
LONGEST_KEY = 3 * LONGEST_REGION
"""A letter has up to three when it is written as a capital."""


def region_key(region: str | None) -> str:
    """Return a region as it is compared: in capitals, '' when it is unknown."""
    return (region or "").strip().upper()


def regions_meet(one: str | None, other: str | None) -> bool:
    """Return whether two regions may be of one plate: an unknown one meets any, and `CH` meets `CH-ZH`."""
    first, second = region_key(one), region_key(other)
    return is_within(first, second) or is_within(second, first)


def is_within(narrow: str, wide: str) -> bool:
    """Return whether a region, as a key, is another or a part of it; every region is within the unknown one."""
    return not wide or narrow == wide or narrow.startswith(f"{wide}-")
