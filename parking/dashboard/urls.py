"""Pages under /manage/ that join several apps."""

from django.urls import path

from parking.dashboard import views

app_name = "manage"
urlpatterns = [
    path("", views.home, name="home"),
    path("attention/", views.attention, name="attention"),
]
