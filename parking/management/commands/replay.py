"""Replay recordings."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from common.errors import DomainError
from parking.management.arguments import add_url, speed
from traffic.client import NoAnswerError, Server
from traffic.replay.edge_keys import edge_course
from traffic.replay.lot_timezones import zones_at, zones_here
from traffic.replay.mapping import facilities_of
from traffic.replay.plan import ReplayPlan
from traffic.replay.reckoning import ReplayOutcome
from traffic.replay.recording import Days, Recording
from traffic.replay.run import ReplayRun
from traffic.replay.sending import CONNECTIONS
from traffic.simulation.sites import Course, course_from
from traffic.simulation.summary import comparison


class Command(BaseCommand):
    help = (
        "Drive a recording of stays or of counted cars through the gate endpoint of a running server, as the late "
        "records of an edge box, with their own times; then reconcile what was sent with what was recorded. "
        "Exit 1 when it does not reconcile."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv", help="also compressed, as .csv.gz")
        target = parser.add_mutually_exclusive_group(required=True)
        target.add_argument("--lot", metavar="SLUG", help="the lot for a recording of one facility")
        target.add_argument(
            "--map", nargs="+", action="extend", metavar="SOURCE=SLUG", help="the lot of each facility in the recording"
        )
        parser.add_argument("--only", nargs="+", action="extend", default=[], metavar="SOURCE", help="only these")
        parser.add_argument("--from", dest="first", type=_day, metavar="DAY", help="from this local day on")
        parser.add_argument("--to", dest="last", type=_day, metavar="DAY", help="up to this local day")
        parser.add_argument("--seed", type=int, default=0, help="the same seed sends the same cars (default: 0)")
        parser.add_argument("--speed", type=speed, metavar="X", help="a factor of real time (default: no waiting)")
        add_url(parser)
        parser.add_argument("--skip-bad", action="store_true", help="count rows that can't be read instead of stopping")
        parser.add_argument(
            "--keys",
            type=Path,
            metavar="FILE",
            help='a remote server\'s keys: {"LOT": {"entry": {"GATE": "KEY"}, "exit": {"GATE": "KEY"}}}; '
            "without it the database of this installation issues them",
        )

    def handle(self, **options: Any) -> None:
        server = Server(options["url"], connections=CONNECTIONS)
        try:
            outcome = self._replay(server, options)
        except (DomainError, NoAnswerError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt as error:
            raise CommandError("interrupted; the cars that are inside stay there") from error
        finally:
            server.close()
        self.stdout.write("\n".join(comparison(outcome.rows, outcome.notes, outcome.discrepancies)))
        self.stdout.write("reconciles to the stay" if outcome.reconciles else "does not reconcile")
        if not outcome.reconciles:
            sys.exit(1)

    def _replay(self, server: Server, options: dict[str, Any]) -> ReplayOutcome:
        plan = _plan(server, options)
        plan.survey()
        self.stdout.write(f"{plan.rows} rows, {plan.reads} reads, seed {plan.seed}")
        lots = sorted({facility.lot for facility in plan.facilities.values()})
        with (
            _course(lots, options["keys"]) as course,
            tqdm(total=plan.reads, unit="read", disable=None) as bar,
        ):
            return ReplayRun(plan, server, course, options["speed"], bar.update).run()


def _plan(server: Server, options: dict[str, Any]) -> ReplayPlan:
    """Return the lot of each source, and its timezone."""
    sources = Recording(options["file"], zone_of=lambda _: None).sources()
    facilities = facilities_of(sources, lot=options["lot"], mapped=options["map"] or (), only=options["only"])
    lots = [facility.lot for facility in facilities.values()]
    zones = zones_at(server, lots) if options["keys"] else zones_here(lots)
    zone_of = {source: zones[facility.lot] for source, facility in facilities.items()}
    days = Days(options["first"], options["last"])
    return ReplayPlan(
        Recording(options["file"], zone_of.get, days, skips_bad=options["skip_bad"]), facilities, options["seed"]
    )


@contextmanager
def _course(lots: list[str], keys: Path | None) -> Iterator[Course]:
    if keys is not None:
        yield course_from(keys, lots)
        return
    with edge_course(lots) as course:
        yield course


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is no day such as 2026-03-02") from error
