"""Routes of the pages of gates and devices, under /manage/."""

from django.urls import path

from gates.manage import views, views_keys

urlpatterns = [
    path("gates/", views.gate_list, name="manage_gates"),
    path("gates/new/", views.gate_new, name="manage_gate_new"),
    path("gates/<slug:code>/", views.gate_page, name="manage_gate"),
    path("gates/<slug:code>/closing/", views.gate_closing, name="manage_gate_closing"),
    path("gates/<slug:code>/devices/", views_keys.device_new, name="manage_device_new"),
    path("devices/<int:pk>/key/", views_keys.device_key, name="manage_device_key"),
    path("devices/<int:pk>/roll/", views_keys.device_rolling, name="manage_device_rolling"),
    path("devices/<int:pk>/revoke/", views_keys.device_revocation, name="manage_device_revocation"),
]
