"""Routes of the pages on which places are made and changed, under /manage/lots/."""

from django.urls import path, register_converter

from lots.manage import views, views_places


class LevelNumber:
    """A level's number in an address; basements are below zero."""

    regex = "-?[0-9]{1,4}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(LevelNumber, "level")

urlpatterns = [
    path("", views.lot_list, name="manage_lots"),
    path("new/", views.lot_new, name="manage_lot_new"),
    path("<slug:slug>/", views.lot_page, name="manage_lot"),
    path("<slug:slug>/settings/", views.lot_settings, name="manage_lot_settings"),
    path("<slug:slug>/closing/", views.lot_closing, name="manage_lot_closing"),
    path("<slug:slug>/places/", views_places.places_new, name="manage_places_new"),
    path("<slug:slug>/levels/<level:number>/", views_places.level_page, name="manage_level"),
    path("<slug:slug>/levels/<level:number>/settings/", views_places.level_settings, name="manage_level_settings"),
    path("<slug:slug>/levels/<level:number>/remove/", views_places.level_removal, name="manage_level_removal"),
    path("<slug:slug>/levels/<level:number>/maintenance/", views_places.maintenance, name="manage_maintenance"),
    path("<slug:slug>/zones/<int:pk>/", views_places.zone_settings, name="manage_zone"),
    path("<slug:slug>/zones/<int:pk>/remove/", views_places.zone_removal, name="manage_zone_removal"),
]
