#!/usr/bin/env python3
"""Django's command line. Without DATABASE_URL and REDIS_URL it has the embedded servers run beside the command."""

import os
import sys

# `up` runs the servers itself; the others never ask the database.
COMMANDS_WITHOUT_SERVERS = frozenset(
    {
        *("up", "help", "version", "check", "makemigrations", "collectstatic", "findstatic", "diffsettings"),
        *("openapi", "makemessages", "compilemessages", "startapp", "startproject"),
    }
)


def main(arguments: list[str]) -> int:
    """Run one command and return its exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parking.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.stderr.write("The requirements are not installed: run `make install`, then .venv/bin/python manage.py\n")
        return 1
    name = next((word for word in arguments[1:] if not word.startswith("-")), "help")
    if name in COMMANDS_WITHOUT_SERVERS or {"--help", "-h", "--version"} & set(arguments):
        execute_from_command_line(arguments)
        return 0

    from django.conf import settings

    from parking import embedded

    try:
        with embedded.servers(settings.PARKING_DATA):
            execute_from_command_line(arguments)
    except embedded.EmbeddedServerError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
