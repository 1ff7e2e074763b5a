"""Routes of the pages of people and plates, under /manage/."""

from django.urls import path

from office.people import block_pages, invitation_views, member_pages, permit_pages, plate_file_pages

urlpatterns = [
    path("people/", member_pages.people, name="people"),
    path("people/invite/", member_pages.invite, name="invite"),
    path("people/invitations/<int:pk>/resend/", invitation_views.resend, name="resend_invitation"),
    path("people/invitations/<int:pk>/withdraw/", invitation_views.withdraw, name="withdraw_invitation"),
    path("people/<int:pk>/", member_pages.member, name="member"),
    path("people/<int:pk>/role/", member_pages.set_role, name="set_role"),
    path("people/<int:pk>/remove/", member_pages.remove, name="remove"),
    path("people/<int:pk>/sign-out/", member_pages.sign_out, name="sign_out"),
    path("blocked/", block_pages.blocked, name="blocked"),
    path("blocked/add/", block_pages.block, name="block"),
    path("blocked/csv/", block_pages.blocked_file, name="blocked_file"),
    path("blocked/imports/", plate_file_pages.new_plate_import, {"kind": "blocks"}, name="new_block_import"),
    path("blocked/<int:pk>/", block_pages.block_page, name="block_page"),
    path("blocked/<int:pk>/lift/", block_pages.lift, name="lift"),
    path("permits/", permit_pages.permits, name="permits"),
    path("permits/add/", permit_pages.add_permit, name="add_permit"),
    path("permits/csv/", permit_pages.permits_file, name="permits_file"),
    path("permits/imports/", plate_file_pages.new_plate_import, {"kind": "permits"}, name="new_permit_import"),
    path("permits/<int:pk>/end/", permit_pages.stop_permit, name="stop_permit"),
    path("plate-imports/<int:pk>/", plate_file_pages.plate_import_page, name="plate_import"),
    path("plate-imports/<int:pk>/start/", plate_file_pages.carry_out_plates, name="carry_out_plates"),
]
