"""A web application in the product's own server that answers one bare query: the 20 nearest of all lots."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import re_path

LIMIT = 20
NEAREST = f"""
SELECT slug, name, address, postal_code, city, latitude, longitude FROM lots_lot
WHERE archived_at IS NULL AND published
ORDER BY point(longitude, latitude) <-> point(%(lng)s, %(lat)s) LIMIT {LIMIT}
"""  # noqa: S608 - only a number


def nearest(request: HttpRequest) -> JsonResponse:
    """Answer the nearest lots to a position."""
    with connection.cursor() as cursor:
        cursor.execute(NEAREST, {name: float(request.GET.get(name, 0)) for name in ("lat", "lng")})
        return JsonResponse({"items": cursor.fetchall()})


urlpatterns = [re_path("", nearest)]
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parking.settings")
application = get_wsgi_application()
settings.ROOT_URLCONF = "bench.nearest"
