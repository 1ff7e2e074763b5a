"""Issue a device key."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.timezone import now

from devices.models import DeviceKind
from devices.services import issue_device_key
from lots.models import Gate


class Command(BaseCommand):
    help = "Make a device at a gate and print its key as one JSON object. The key is shown only this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("gate", help="the gate's code")
        parser.add_argument("--kind", choices=DeviceKind.values, default=DeviceKind.CAMERA.value)
        parser.add_argument("--name", default="", help="what people call the device")

    def handle(self, **options: Any) -> None:
        gate = Gate.objects.filter(code=options["gate"]).first()
        if gate is None:
            raise CommandError(f"There is no gate {options['gate']!r}.")
        issued = issue_device_key(gate=gate, kind=options["kind"], name=options["name"], at=now())
        self.stdout.write(json.dumps({"gate": gate.code, "device": issued.device.name, "key": issued.key}))
