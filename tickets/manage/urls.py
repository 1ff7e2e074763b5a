"""Routes of the pages that show a place with its stays, under /manage/lots/."""

from django.urls import path

from tickets.manage import views

urlpatterns = [path("<slug:slug>/spots/<int:pk>/", views.spot_page, name="manage_spot")]
