"""Routes of the pages of gates, devices and the publishing of lots, under /manage/."""

from django.urls import path

from gates.manage import views, views_keys, views_publishing

urlpatterns = [
    path("gates/", views.gate_list, name="manage_gates"),
    path("gates/new/", views.gate_new, name="manage_gate_new"),
    path("gates/<slug:code>/", views.gate_page, name="manage_gate"),
    path("gates/<slug:code>/closing/", views.gate_closing, name="manage_gate_closing"),
    path("gates/<slug:code>/devices/", views_keys.device_new, name="manage_device_new"),
    path("lots/<slug:slug>/publishing/", views_publishing.lot_publishing, name="manage_lot_publishing"),
    path("devices/<int:pk>/key/", views_keys.device_key, name="manage_device_key"),
    path("devices/<int:pk>/roll/", views_keys.device_rolling, name="manage_device_rolling"),
    path("devices/<int:pk>/revoke/", views_keys.device_revocation, name="manage_device_revocation"),
]
