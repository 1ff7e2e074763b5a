"""URLs of the lot pages, under /manage/lots/."""

from django.urls import path, register_converter

from office.lots import (
    archiving,
    copies,
    count_pages,
    entrance_page,
    layout_pages,
    level_pages,
    pay_sign,
    place_pages,
    publishing,
    spots,
    use_pages,
    views,
)


class LevelNumber:
    """A level's number in a URL; basements are negative."""

    regex = "-?[0-9]{1,4}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(LevelNumber, "level")

urlpatterns = [
    path("", views.lot_list, name="lots"),
    path("new/", views.lot_new, name="lot_new"),
    path("<slug:slug>/", views.lot_page, name="lot"),
    path("<slug:slug>/settings/", views.lot_settings, name="lot_settings"),
    path("<slug:slug>/closing/", views.lot_closing, name="lot_closing"),
    path("<slug:slug>/counts/", count_pages.counts, name="lot_counts"),
    path("<slug:slug>/entrance/", entrance_page.entrance, name="lot_entrance"),
    path("<slug:slug>/pay-code/", pay_sign.pay_code, name="lot_pay_code"),
    path("<slug:slug>/places/", place_pages.places_new, name="places_new"),
    path("<slug:slug>/levels/<level:number>/", level_pages.level_page, name="level"),
    path("<slug:slug>/levels/<level:number>/settings/", place_pages.level_settings, name="level_settings"),
    path("<slug:slug>/levels/<level:number>/remove/", place_pages.level_removal, name="level_removal"),
    path("<slug:slug>/levels/<level:number>/bays/", level_pages.bays, name="bays"),
    path("<slug:slug>/levels/<level:number>/layout/", layout_pages.level_layout, name="level_layout"),
    path("<slug:slug>/levels/<level:number>/use/", use_pages.level_use, name="level_use"),
    path("<slug:slug>/spots/<int:pk>/", spots.spot_page, name="spot"),
    path("<slug:slug>/publishing/", publishing.lot_publishing, name="lot_publishing"),
    path("<slug:slug>/copy/", copies.lot_copy, name="lot_copy"),
    path("<slug:slug>/site-file/", copies.lot_site_file, name="lot_site_file"),
    path("<slug:slug>/archive/", archiving.lot_archiving, name="lot_archiving"),
    path("<slug:slug>/restore/", archiving.lot_restoring, name="lot_restoring"),
    path("<slug:slug>/zones/<int:pk>/", place_pages.zone_settings, name="zone"),
    path("<slug:slug>/zones/<int:pk>/remove/", place_pages.zone_removal, name="zone_removal"),
]
