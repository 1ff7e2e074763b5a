"""Send events to the stream again."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from accounts.models import Operator
from common.errors import InvalidValueError
from events.services import rewind_stream


class Command(BaseCommand):
    help = "Let the stream of events (EVENTS_STREAM) send those after a number again, from 0 every one that is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("after", type=int, metavar="NUMBER", help="what follows this event is sent again")
        parser.add_argument("--operator", help="the slug of the operator whose events are sent; all without it")

    def handle(self, **options: Any) -> None:
        if settings.EVENTS_STREAM is None:
            raise CommandError("There is no stream: EVENTS_STREAM is not set.")
        operators = Operator.objects.order_by("pk")
        if options["operator"]:
            operators = operators.filter(slug=options["operator"])
            if not operators:
                raise CommandError(f"There is no operator {options['operator']!r}.")
        try:
            rewound = rewind_stream(settings.EVENTS_STREAM, after=options["after"], operators=list(operators), at=now())
        except InvalidValueError as error:
            raise CommandError(error.message) from error
        count = {0: "no operator", 1: "1 operator"}.get(rewound, f"{rewound} operators")
        self.stdout.write(f"The events of {count} after {options['after']} are sent again.")
