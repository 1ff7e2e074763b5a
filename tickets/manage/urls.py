"""Routes of the pages about a place and the stays in it, under /manage/lots/."""

from django.urls import path

from tickets.manage import views, views_archiving

urlpatterns = [
    path("<slug:slug>/spots/<int:pk>/", views.spot_page, name="manage_spot"),
    path("<slug:slug>/archive/", views_archiving.lot_archiving, name="manage_lot_archiving"),
    path("<slug:slug>/restore/", views_archiving.lot_restoring, name="manage_lot_restoring"),
]
