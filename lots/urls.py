"""Routes of places."""

from django.urls import path

from lots import views

urlpatterns = [path("board/<slug:slug>/", views.board, name="board")]
