"""Routes of what everybody meets on the way in, but for the log-in itself."""

from django.urls import path

from entrance import views

app_name = "entrance"
urlpatterns = [
    path("home/", views.home, name="home"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
]
