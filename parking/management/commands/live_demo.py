"""Run the live demo."""

import signal
import sys
from argparse import ArgumentParser
from random import Random
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from parking.management.arguments import add_url
from traffic.client import Server
from traffic.demo.live import LiveDemo


class Command(BaseCommand):
    help = (
        "Let a few cars a minute come, pay and leave at the demo's lots, through the real gate endpoint, until stopped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        add_url(parser)

    def handle(self, **options: Any) -> None:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        server = Server(options["url"], connections=1)
        demo = LiveDemo(server, Random())  # noqa: S311 no secret
        demo.take_cameras()
        if not demo.lanes:
            raise CommandError("There is no demo site here: start `manage.py up` without --no-demo once.")
        try:
            demo.run()
        except KeyboardInterrupt:
            server.close()
