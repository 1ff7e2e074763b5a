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
    from django.core.exceptions import ImproperlyConfigured

    from audit.acting import Acting, acts
    from audit.how import How
    from parking.embedded import EmbeddedServerError

    try:
        with acts(Acting(How.COMMAND, page=" ".join(arguments[1:2]))):
            if needs_servers(arguments):
                run_with_servers(arguments)
            else:
                execute_from_command_line(arguments)
    except (EmbeddedServerError, ImproperlyConfigured) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def needs_servers(arguments: list[str]) -> bool:
    """Return whether the command on this line may use the database or Redis."""
    name = next((word for word in arguments[1:] if not word.startswith("-")), "help")
    return name not in COMMANDS_WITHOUT_SERVERS and not {"--help", "-h", "--version"} & set(arguments)


def run_with_servers(arguments: list[str]) -> None:
    """Run a command beside the embedded servers, as far as no address replaces them."""
    from django.conf import settings
    from django.core.management import execute_from_command_line

    from parking import embedded

    with embedded.servers(settings.PARKING_DATA):
        execute_from_command_line(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv))
