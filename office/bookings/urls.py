"""URLs of the booking pages, under /manage/bookings/."""

from django.urls import path

from office.bookings import arrivals, blackout_pages, booking_file, booking_list, changing_pages, timeline_pages

urlpatterns = [
    path("", booking_list.bookings, name="bookings"),
    path("arrivals/", arrivals.arrivals, name="arrivals"),
    path("timeline/", timeline_pages.timeline, name="booking_timeline"),
    path("timeline/move/", timeline_pages.move, name="move_booking"),
    path("new/", changing_pages.new_booking, name="new_booking"),
    path("blackouts/", blackout_pages.blackouts, name="blackouts"),
    path("blackouts/new/", blackout_pages.new_blackout, name="new_blackout"),
    path("blackouts/<int:pk>/", blackout_pages.blackout, name="blackout"),
    path("blackouts/<int:pk>/lift/", blackout_pages.lift, name="lift_blackout"),
    path("blackouts/<int:pk>/cancel/", blackout_pages.let_go, name="cancel_in_the_way"),
    path("<int:pk>/", booking_file.booking, name="booking"),
    path("<int:pk>/change/", changing_pages.change, name="change_booking"),
    path("<int:pk>/cancel/", changing_pages.cancel, name="cancel_booking"),
    path("<int:pk>/forgive/", changing_pages.forgive, name="forgive_no_show"),
]
