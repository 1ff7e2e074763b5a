"""The Celery app; its settings and the beat schedule are in parking/settings.py."""

import os
import socket
from typing import Any

from celery import Celery
from celery.signals import beat_init, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parking.settings")
app = Celery("parking")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
@beat_init.connect
def announce_ready(**_sender: Any) -> None:
    """Notify the process that started this one that it is ready, by systemd's notify protocol."""
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.sendto(b"READY=1", address)
