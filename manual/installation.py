"""How the installation is doing: what people notice, and why for those who run it."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from django.conf import settings
from django.utils.translation import gettext as _

from common.web.servers import problems
from notifications.late_mail import stuck_since
from reports.periodic_tasks import is_heard_of, periodic_tasks


@dataclass(frozen=True, slots=True)
class WorkingPart:
    """A part of the installation in words: whether it works, why not, and what that means for people."""

    label: str
    is_well: bool
    means: str
    why: str = ""
    since: datetime | None = None


@cache
def version() -> str:
    """Return the product's version, as its project file says."""
    project = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def parts(at: datetime) -> list[WorkingPart]:
    """Return the parts that people depend on."""
    down = problems()
    return [_pages(down), _live(down), _background(at), _mail(at)]


def _pages(down: dict[str, str]) -> WorkingPart:
    bad = {"database", "migrations"} & down.keys()
    means = _("Gates, desk and pages may be refused.")
    return WorkingPart(
        _("Gates, desk and pages"), not bad, means, ", ".join(f"{one}: {down[one]}" for one in sorted(bad))
    )


def _live(down: dict[str, str]) -> WorkingPart:
    why = f"redis: {down['redis']}" if "redis" in down else ""
    return WorkingPart(_("Quick answers"), not why, _("Pages may be slower. Gates and payments work."), why)


def _background(at: datetime) -> WorkingPart:
    late = [str(task.label) for task in periodic_tasks(at) if task.is_late]
    means = _("Messages, reports and exports may come later.")
    if not is_heard_of(at):
        return WorkingPart(_("Work in the background"), is_well=False, means=means, why=_("No worker is heard of."))
    return WorkingPart(_("Work in the background"), not late, means, "; ".join(late))


def _mail(at: datetime) -> WorkingPart:
    since = stuck_since(at)
    means = _("Confirmations and receipts may come later.")
    why = _("Messages are waiting, and none goes out.") if since else ""
    return WorkingPart(_("Emails"), since is None, means, why, since)
