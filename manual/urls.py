"""Routes of the manual, all under /help/."""

from django.urls import path

from manual import views

app_name = "manual"
urlpatterns = [
    path("", views.index, name="index"),
    path("status/", views.status, name="status"),
    path("<slug:slug>/", views.chapter, name="chapter"),
]
