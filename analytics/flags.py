"""The flags of events at the lanes in words."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy, ngettext_lazy


class Flag(NamedTuple):
    """An event's flag in words: how many events have it (a lazy plural), the heading of their list, and a badge."""

    counted: Any
    heading: Any
    badge: Any


FLAGS = {
    "blocked": Flag(
        ngettext_lazy("%d blocked plate at a gate", "%d blocked plates at gates"),
        gettext_lazy("Blocked plates at gates"),
        gettext_lazy("blocked plate"),
    ),
    "prepay": Flag(
        ngettext_lazy("%d car at a gate had to prepay", "%d cars at gates had to prepay"),
        gettext_lazy("Cars that had to prepay"),
        gettext_lazy("has to prepay"),
    ),
    "closed": Flag(
        ngettext_lazy("%d car came in while closed", "%d cars came in while closed"),
        gettext_lazy("Cars came in while closed"),
        gettext_lazy("while closed"),
    ),
    "no_spot": Flag(
        ngettext_lazy("%d car came in without a spot", "%d cars came in without a spot"),
        gettext_lazy("Cars came in without a spot"),
        gettext_lazy("no spot"),
    ),
    "pool_full": Flag(
        ngettext_lazy(
            "%d car came in beyond the spaces of its pass", "%d cars came in beyond the spaces of their pass"
        ),
        gettext_lazy("Cars came in beyond the spaces of their pass"),
        gettext_lazy("pass full"),
    ),
    "low_confidence": Flag(
        ngettext_lazy("%d plate read unsurely", "%d plates read unsurely"),
        gettext_lazy("Plates read unsurely"),
        gettext_lazy("plate unsure"),
    ),
    "passback": Flag(
        ngettext_lazy("%d plate seen at two entries at once", "%d plates seen at two entries at once"),
        gettext_lazy("Plates seen at two entries at once"),
        gettext_lazy("seen twice"),
    ),
    "missed_exit": Flag(
        ngettext_lazy("%d exit was missed", "%d exits were missed"),
        gettext_lazy("Exits were missed"),
        gettext_lazy("exit missed"),
    ),
    "broken_promise": Flag(
        ngettext_lazy("%d booking found its spot occupied", "%d bookings found their spot occupied"),
        gettext_lazy("Bookings found their spot occupied"),
        gettext_lazy("booked spot occupied"),
    ),
    "out_of_order": Flag(
        ngettext_lazy("%d exit came before its entry", "%d exits came before their entry"),
        gettext_lazy("Exits came before their entry"),
        gettext_lazy("out of order"),
    ),
    "plate_mismatch": Flag(
        ngettext_lazy("%d ticket left with another plate", "%d tickets left with another plate"),
        gettext_lazy("Tickets left with another plate"),
        gettext_lazy("another plate"),
    ),
    "region_mismatch": Flag(
        ngettext_lazy("%d plate seen with another region", "%d plates seen with another region"),
        gettext_lazy("Plates seen with another region"),
        gettext_lazy("another region"),
    ),
    "unanswered": Flag(
        ngettext_lazy("%d car waited with nobody answering", "%d cars waited with nobody answering"),
        gettext_lazy("Cars waited with nobody answering"),
        gettext_lazy("nobody answered"),
    ),
    "no_ticket": Flag(
        ngettext_lazy("%d car at an exit without a stay", "%d cars at exits without a stay"),
        gettext_lazy("Cars at exits without a stay"),
        gettext_lazy("no stay"),
    ),
    "owed": Flag(
        ngettext_lazy("%d car left without paying", "%d cars left without paying"),
        gettext_lazy("Cars left without paying"),
        gettext_lazy("unpaid"),
    ),
    "waived": Flag(
        ngettext_lazy("%d fee waived at an exit", "%d fees waived at exits"),
        gettext_lazy("Fees waived at exits"),
        gettext_lazy("fee waived"),
    ),
    "by_hand": Flag(
        ngettext_lazy("%d gate opened by hand", "%d gates opened by hand"),
        gettext_lazy("Gates opened by hand"),
        gettext_lazy("opened by hand"),
    ),
    "repeated": Flag(
        ngettext_lazy("%d lane opened again for a car", "%d lanes opened again for a car"),
        gettext_lazy("Lanes opened again for a car"),
        gettext_lazy("opened again"),
    ),
    "reentered": Flag(
        ngettext_lazy("%d car left after coming back at once", "%d cars left after coming back at once"),
        gettext_lazy("Cars left after coming back at once"),
        gettext_lazy("came back at once"),
    ),
    "clock": Flag(
        ngettext_lazy("%d record had a clock ahead of ours", "%d records had a clock ahead of ours"),
        gettext_lazy("Records had a clock ahead of ours"),
        gettext_lazy("clock ahead"),
    ),
    "old_record": Flag(
        ngettext_lazy("%d stay began with an old record", "%d stays began with an old record"),
        gettext_lazy("Stays began with an old record"),
        gettext_lazy("old record"),
    ),
    "promised_twice": Flag(
        ngettext_lazy("%d ticket asked for a second exit", "%d tickets asked for a second exit"),
        gettext_lazy("Tickets asked for a second exit"),
        gettext_lazy("second exit"),
    ),
    "held_open": Flag(
        ngettext_lazy("%d car passed only as a gate was held open", "%d cars passed only as a gate was held open"),
        gettext_lazy("Cars passed only as a gate was held open"),
        gettext_lazy("held open"),
    ),
    "undone": Flag(
        ngettext_lazy("%d exit was undone at the desk", "%d exits were undone at the desk"),
        gettext_lazy("Exits were undone at the desk"),
        gettext_lazy("exit undone"),
    ),
    "fault": Flag(
        ngettext_lazy("%d barrier fault", "%d barrier faults"),
        gettext_lazy("Barrier faults"),
        gettext_lazy("barrier fault"),
    ),
    "unconfirmed": Flag(
        ngettext_lazy("%d passage was never confirmed", "%d passages were never confirmed"),
        gettext_lazy("Passages were never confirmed"),
        gettext_lazy("passage unconfirmed"),
    ),
}
"""The flags that a person should look at."""


def flag_counted(flag: str, count: int) -> str:
    """Return how many events have a flag, in words: `1 plate read unsurely`."""
    return FLAGS[flag].counted % count if flag in FLAGS else f"{count} {flag.replace('_', ' ')}"


def flag_meaning(flag: str) -> str:
    """Return what a flag means, as the heading of a list."""
    return str(FLAGS[flag].heading) if flag in FLAGS else flag.replace("_", " ").capitalize()


def flag_badge(flag: str) -> str:
    """Return the short name of a flag."""
    return str(FLAGS[flag].badge) if flag in FLAGS else flag.replace("_", " ")
