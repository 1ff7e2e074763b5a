"""The entry point of the web processes."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parking.settings")
_slow_path = get_wsgi_application()

from django.conf import settings  # noqa: E402

from parking.fast_path import with_fast_path  # noqa: E402 the models it needs are ready only now

application = _slow_path if settings.SERVES == "streams" else with_fast_path(_slow_path)
