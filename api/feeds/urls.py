"""Routes of the feeds."""

from django.urls import path

from api.feeds import views

app_name = "feeds"

urlpatterns = [
    path("parkapi/v1/", views.parkapi_index, name="parkapi_index"),
    path("parkapi/v1/<str:city>", views.parkapi_city, name="parkapi_city"),
    path("parkapi/v1/<str:city>/<slug:lot>", views.parkapi_lot, name="parkapi_lot"),
    path("parkapi/v3/parking-sites", views.parkapi_sites, name="parkapi_sites"),
    path("apds/v4/places", views.apds_places, name="apds_places"),
    path("apds/v4/places/<slug:lot>", views.apds_place, name="apds_place"),
    path("apds/v4/observations", views.apds_observations, name="apds_observations"),
    path("datex2/v3/parking-table.xml", views.datex_table, name="datex_table"),
    path("datex2/v3/parking-status.xml", views.datex_status, name="datex_status"),
    path("lots.geojson", views.geojson_lots, name="geojson"),
]
