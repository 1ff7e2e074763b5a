"""Days of the week as signs name them."""

from billing.pricing.windows import DAY_NAMES, EVENT, HOLIDAY, WEEKDAYS
from common.words import Text, joined
from common.words import text as _

_NAMES = dict(zip(WEEKDAYS, (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")), strict=True)) | {
    HOLIDAY: _("holidays"),
    EVENT: _("event days"),
}


def days_text(days: tuple[str, ...]) -> Text:
    """Return days as signs name them: `Mon–Fri`, `Sat, Sun, holidays`, `event days`; empty for all of them."""
    if not days or set(days) >= set(DAY_NAMES):
        return Text("", {})
    runs: list[list[str]] = []
    for day in (day for day in WEEKDAYS if day in days):
        if runs and WEEKDAYS.index(day) == WEEKDAYS.index(runs[-1][-1]) + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = [name for run in runs for name in _run(run)]
    others = [_NAMES.get(day) or Text("%(name)s", {"name": day}) for day in days if day not in WEEKDAYS]
    return joined([*names, *others], by=", ")


def _run(run: list[str]) -> list[Text]:
    names = [_NAMES[day] for day in run]
    # Two days read better apart.
    return [joined([names[0], names[-1]], by="–")] if len(names) > 2 else names  # noqa: PLR2004
