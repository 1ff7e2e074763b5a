"""Simulate cars."""

import random
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from common.errors import DomainError
from parking.management.arguments import add_url, between, speed
from traffic.client import NoAnswerError, Server
from traffic.field.run import run_field
from traffic.field.site import make_field_site
from traffic.field.table import field_as_text
from traffic.simulation.journey import Journey
from traffic.simulation.reckoning import Reckoning, reckon
from traffic.simulation.recorded import recorded_at, recorded_by
from traffic.simulation.scenario import Odds, draw_visits
from traffic.simulation.schedule import CONNECTIONS, Day
from traffic.simulation.sites import Course, course_from, own_course
from traffic.simulation.summary import as_text
from traffic.week.week_run import run_week
from traffic.week.week_table import week_as_text

MOST_CARS = 1_000_000


class Command(BaseCommand):
    help = (
        "Drive cars through the real HTTP gate endpoint of a running server and reconcile what was sent with what was "
        "recorded; exit 1 when it does not reconcile. Short stays are sent live; the beginning of a longer one is sent "
        "as the record of an edge box that was offline then, its end live, so that real fees are asked for and paid."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--lots", nargs="+", default=[], metavar="SLUG", help="the lots to use (default: all)")
        parser.add_argument("--cars", type=_cars, default=100, metavar="N")
        parser.add_argument("--speed", type=speed, metavar="X", help="a factor of real time (default: no waiting)")
        parser.add_argument("--misread", type=_share, default=0.0, metavar="P", help="the share of misread plates")
        parser.add_argument("--duplicates", type=_share, default=0.0, metavar="P", help="the share of reads sent twice")
        parser.add_argument("--seed", type=int, help="the same seed draws the same cars (default: a new one)")
        parser.add_argument(
            "--field",
            action="store_true",
            help="honest cars with dirty devices, and fraudsters, in real time; without --lots at a site of its own",
        )
        parser.add_argument(
            "--bookings",
            action="store_true",
            help="a past week of bookings by a clock of its own, in an empty installation and without a server",
        )
        add_url(parser)
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
            drive = self._week if options["bookings"] else self._field if options["field"] else self._day
            text, reconciles = drive(server, options)
        except (DomainError, NoAnswerError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt as error:
            raise CommandError("interrupted; the cars that are inside stay there") from error
        finally:
            server.close()
        self.stdout.write(text)
        if not reconciles:
            sys.exit(1)

    def _day(self, server: Server, options: dict[str, Any]) -> tuple[str, bool]:
        """Simulate an ordinary day; return its summary and whether it reconciles."""
        if options["keys"]:
            reckoning = self._drive(course_from(options["keys"], options["lots"]), server, options)
        else:
            with own_course(options["lots"]) as course:
                reckoning = self._drive(course, server, options)
        return as_text(reckoning), reckoning.reconciles

    def _field(self, server: Server, options: dict[str, Any]) -> tuple[str, bool]:
        """Simulate the dirty field; return its summary and whether it reconciles."""
        if options["keys"] or options["speed"] or options["misread"] or options["duplicates"]:
            raise CommandError("--field goes only with --lots, --cars, --seed and --url.")
        cars = options["cars"]
        with (
            own_course(options["lots"] or make_field_site(cars=cars)) as course,
            tqdm(total=cars, unit="car", disable=None) as bar,
        ):
            reckoning = run_field(server=server, course=course, cars=cars, seed=self._seed(options), ended=bar.update)
        return field_as_text(reckoning), reckoning.reconciles

    def _week(self, _server: Server, options: dict[str, Any]) -> tuple[str, bool]:
        """Simulate a week of bookings; return its summary and whether it reconciles."""
        if any(options[name] for name in ("field", "keys", "lots", "speed", "misread", "duplicates")):
            raise CommandError("--bookings goes only with --cars and --seed.")
        call_command("migrate", verbosity=0)
        cars = options["cars"]
        with tqdm(total=cars, unit="car", disable=None) as bar:
            reckoning = run_week(cars=cars, seed=self._seed(options), lived=bar.update)
        return week_as_text(reckoning), reckoning.reconciles

    def _seed(self, options: dict[str, Any]) -> int:
        seed: int = random.randrange(2**31) if options["seed"] is None else options["seed"]  # noqa: S311 no secret
        self.stdout.write(f"seed {seed}")
        return seed

    def _drive(self, course: Course, server: Server, options: dict[str, Any]) -> Reckoning:
        seed = self._seed(options)
        odds = Odds(misread=options["misread"], duplicates=options["duplicates"])
        visits = draw_visits(options["cars"], room=course.room, odds=odds, seed=seed)
        journeys = [Journey(visit, course.sites[visit.lot], server, seed) for visit in visits]
        passages = len(visits) + sum(visit.leaves for visit in visits)
        with tqdm(total=passages, unit="passage", disable=None) as bar:
            Day(journeys, speed=options["speed"], stepped=bar.update).run()
        return reckon(journeys, recorded_by(course.devices) if course.devices else recorded_at(server, journeys))


def _share(text: str) -> float:
    return between(text, 0.0, 1.0)


def _cars(text: str) -> int:
    return int(between(text, 1, MOST_CARS))
