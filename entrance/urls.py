"""Routes of the landing page and of invitations."""

from django.urls import path

from entrance import views

app_name = "entrance"
urlpatterns = [
    path("home/", views.home, name="home"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
]
