"""The URLs of the process that only streams, and of the streams elsewhere, where they say who may follow what."""

from django.urls import include, path

from api import health
from desk.lanes_stream import follow_lanes
from driver.counts_stream import follow_counts
from office.overview_stream import follow_overview

handler400 = "common.web.streams.malformed"
handler403 = "common.web.streams.not_allowed"
handler404 = "common.web.streams.not_streamed"
handler500 = "common.web.streams.failed"

streams = [
    path("lots/", follow_counts, name="counts"),
    path("lots/<slug:slug>/", follow_counts, name="counts_of"),
    path("lanes/<slug:slug>/", follow_lanes, name="lanes"),
    path("overview/", follow_overview, name="overview"),
    path("overview/<slug:slug>/", follow_overview, name="overview_of"),
]

urlpatterns = [
    path("stream/", include((streams, "stream"))),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
