"""The entry point of the web processes."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parking.settings")
_long_way = get_wsgi_application()

from parking.fast_path import short_way  # noqa: E402 the models it needs are ready only now

application = short_way(_long_way)
