"""Routes of the pages of gates and their devices, under /manage/."""

from django.urls import path

from office.gates import gate_list, key_pages, views

urlpatterns = [
    path("gates/", gate_list.gate_list, name="gates"),
    path("gates/new/", views.gate_new, name="gate_new"),
    path("gates/<slug:code>/", views.gate_page, name="gate"),
    path("gates/<slug:code>/closing/", views.gate_closing, name="gate_closing"),
    path("gates/<slug:code>/open/", views.gate_opening, name="gate_opening"),
    path("gates/<slug:code>/hold/", views.gate_hold, name="gate_hold"),
    path("gates/<slug:code>/release/", views.gate_hold_end, name="gate_hold_end"),
    path("gates/<slug:code>/devices/", key_pages.device_new, name="device_new"),
    path("devices/<int:pk>/key/", key_pages.device_key, name="device_key"),
    path("devices/<int:pk>/roll/", key_pages.device_rolling, name="device_rolling"),
    path("devices/<int:pk>/revoke/", key_pages.device_revocation, name="device_revocation"),
]
