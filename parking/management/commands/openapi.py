"""Print the OpenAPI document."""

import json
from typing import Any

from django.core.management.base import BaseCommand
from django.core.serializers.json import DjangoJSONEncoder

from api.root import api


class Command(BaseCommand):
    help = "Print the OpenAPI document of the JSON API."
    requires_system_checks = []

    def handle(self, **_options: Any) -> None:
        self.stdout.write(json.dumps(api.get_openapi_schema(), cls=DjangoJSONEncoder, indent=2))
