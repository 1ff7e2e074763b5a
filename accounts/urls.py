"""Routes of people."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("home/", views.home, name="home"),
    path("invitations/<str:token>/", views.invitation, name="invitation"),
]
