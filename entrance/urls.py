"""Routes of the landing page and of invitations."""

from django.urls import path

from entrance import first_run, views

app_name = "entrance"
urlpatterns = [
    path("first-run/", first_run.first_run, name="first_run"),
    path("home/", views.home, name="home"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
]
