"""The expected answers, one line a route; see test_matrix.py for the columns. One number stands for everybody."""

THIRD_PARTY = ("admin/", "accounts/", "_allauth/")

ROWS = """
GET / 200
GET ^_allauth/[a-z]+/v1/(?:account|auth)/phone 404
POST ^_allauth/[a-z]+/v1/(?:account|auth)/phone 404
GET api/ 404
GET api/activities 404
GET api/docs 404
GET api/garage/stats 404
GET api/status 404
POST api/tickets 404
GET api/tickets/<ticket_number> 404
PUT api/tickets/<ticket_number>/exit 404
GET api/v1/ 404
POST api/v1/ 404
GET api/v1/docs 200
GET api/v1/docs/try 200
POST api/v1/entry 401
POST api/v1/exit 401
GET api/v1/documents 401 200 200 200 200 200 200 200 200 200
GET api/v1/documents/<int:document_id> 401 404 200 200 404 404 404 404 404 404
GET api/v1/payments 401 200 200 200 200 200 200 200 200 200
GET api/v1/payments/<int:payment_id> 401 404 404 200 404 404 404 404 404 404
POST api/v1/payments/<int:payment_id>/refunds 401 422 422 422 422 422 422 422 422 422
GET api/v1/refunds/<refund_id> 401 404 404 200 404 404 404 404 404 404
POST api/v1/refunds/<refund_id>/approve 401 404 404 200 404 404 404 404 404 404
POST api/v1/refunds/<refund_id>/reject 401 422 422 422 422 422 422 422 422 422
GET api/v1/shifts 401 403 200 200 200 200 403 403 200 200
POST api/v1/shifts 401 422 422 422 422 422 422 422 422 422
GET api/v1/shifts/<int:shift_id> 401 404 404 200 404 404 404 404 404 404
POST api/v1/shifts/<int:shift_id>/close 401 422 422 422 422 422 422 422 422 422
POST api/v1/shifts/<int:shift_id>/count 401 404 404 200 404 404 404 404 404 404
POST api/v1/shifts/<int:shift_id>/movements 401 422 422 422 422 422 422 422 422 422
GET api/v1/lots/<slug>/analytics 401 404 403 200 404 404 404 403 404 404
GET api/v1/events 401 403 403 200 403 200 403 403 403 403
GET api/v1/webhooks 401 403 403 200 403 200 403 403 403 403
POST api/v1/webhooks 401 422 422 422 422 422 422 422 422 422
GET api/v1/webhooks/<int:webhook_id> 401 403 403 200 403 404 403 403 403 403
PATCH api/v1/webhooks/<int:webhook_id> 401 403 403 200 403 404 403 403 403 403
DELETE api/v1/webhooks/<int:webhook_id> 401 403 403 204 403 404 403 403 403 403
POST api/v1/webhooks/<int:webhook_id>/secret 401 403 403 200 403 404 403 403 403 403
POST api/v1/webhooks/<int:webhook_id>/replay 401 422 422 422 422 422 422 422 422 422
GET api/v1/webhooks/<int:webhook_id>/deliveries 401 403 403 200 403 404 403 403 403 403
POST api/v1/webhooks/<int:webhook_id>/deliveries/<int:delivery_id>/again 401 403 403 202 403 404 403 403 403 403
GET api/v1/exports 401 200 200 200 200 200 200 200 200 200
POST api/v1/exports 401 422 422 422 422 422 422 422 422 422
GET api/v1/exports/<int:export_id> 401 200 404 404 404 404 404 404 404 404
DELETE api/v1/exports/<int:export_id> 401 200 404 404 404 404 404 404 404 404
GET api/v1/exports/<int:export_id>/file 401 409 404 404 404 404 404 404 404 404
GET api/v1/gates/<code>/commands 401
POST api/v1/gates/<code>/commands/<command_id>/ack 401
POST api/v1/gates/<code>/passages 401
POST api/v1/gates/<code>/reads 401
GET api/v1/lot-settings 401 200 200 200 200 200 200 200 200 200
GET api/v1/lots 200
GET api/v1/stream/gates/<code>/commands 401
POST api/v1/lots 401 403 403 422 403 422 403 403 403 403
GET api/v1/lots/<slug> 200
PATCH api/v1/lots/<slug> 401 404 403 200 404 404 404 403 404 404
DELETE api/v1/lots/<slug> 401 404 403 409 404 404 404 403 404 404
GET api/v1/lots/<slug>/activities 401 404 200 200 404 404 404 403 404 404
GET api/v1/lots/<slug>/availability 200
GET stream/lots/ 400
GET stream/lots/<slug:slug>/ 204
GET stream/lanes/<slug:slug>/ 401 404 204 204 404 404 404 403 404 404
GET stream/overview/ 401 403 403 204 403 204 403 403 204 403
GET stream/overview/<slug:slug>/ 401 403 403 204 403 404 403 403 404 403
GET api/v1/lots/<slug>/dashboard 401 404 403 200 404 404 404 403 404 404
GET api/v1/lots/<slug>/gates 401 404 403 200 404 404 404 403 404 404
POST api/v1/lots/<slug>/gates 401 422 422 422 422 422 422 422 422 422
GET api/v1/lots/<slug>/gates/<code> 401 404 403 200 404 404 404 403 404 404
PATCH api/v1/lots/<slug>/gates/<code> 401 404 403 200 404 404 404 403 404 404
DELETE api/v1/lots/<slug>/gates/<code> 401 404 403 409 404 404 404 403 404 404
GET api/v1/lots/<slug>/levels 401 404 403 200 404 404 404 403 404 404
POST api/v1/lots/<slug>/levels 401 422 422 422 422 422 422 422 422 422
GET api/v1/lots/<slug>/levels/<number> 401 404 403 200 404 404 404 403 404 404
PATCH api/v1/lots/<slug>/levels/<number> 401 404 403 200 404 404 404 403 404 404
DELETE api/v1/lots/<slug>/levels/<number> 401 404 403 409 404 404 404 403 404 404
POST api/v1/lots/<slug>/levels/<number>/zones 401 422 422 422 422 422 422 422 422 422
GET api/v1/lots/<slug>/settings 401 404 403 200 404 404 404 403 404 404
GET api/v1/lots/<slug>/spots 401 404 403 200 404 404 404 403 404 404
GET api/v1/lots/<slug>/spots/<path:number> 401 404 403 200 404 404 404 403 404 404
PATCH api/v1/lots/<slug>/spots/<path:number> 401 404 403 200 404 404 404 403 404 404
GET api/v1/lots/<slug>/tariffs 401 404 403 200 404 404 404 403 404 404
POST api/v1/lots/<slug>/tariffs 401 422 422 422 422 422 422 422 422 422
GET api/v1/lots/<slug>/tariffs/<int:tariff_id> 401 404 403 200 404 404 404 403 404 404
PATCH api/v1/lots/<slug>/tariffs/<int:tariff_id> 401 404 403 200 404 404 404 403 404 404
DELETE api/v1/lots/<slug>/tariffs/<int:tariff_id> 401 404 403 204 404 404 404 403 404 404
PATCH api/v1/lots/<slug>/zones/<int:zone_id> 401 404 403 200 404 404 404 403 404 404
DELETE api/v1/lots/<slug>/zones/<int:zone_id> 401 404 403 409 404 404 404 403 404 404
POST api/v1/lots/<slug>/quote 422
POST api/v1/oauth/token 400
GET api/v1/me 401 200 200 200 200 200 200 200 200 200
POST api/v1/me/tickets 401 422 422 422 422 422 422 422 422 422
GET api/v1/openapi.json 200
POST api/v1/openapi.json 200
GET api/v1/pass-offers 200
GET api/v1/passes 401 200 200 200 200 200 200 200 200 200
POST api/v1/passes 401 422 422 422 422 422 422 422 422 422
GET api/v1/passes/<int:pass_id> 401 200 200 200 404 404 404 404 404 404
PATCH api/v1/passes/<int:pass_id> 401 422 422 422 404 404 404 404 404 404
POST api/v1/passes/<int:pass_id>/plates 401 422 422 422 422 422 422 422 422 422
GET api/v1/reservations 401 200 200 200 200 200 200 200 200 200
POST api/v1/reservations 401 422 422 422 422 422 422 422 422 422
GET api/v1/reservations/<int:booking_id> 401 200 200 200 404 404 404 404 404 404
DELETE api/v1/reservations/<int:booking_id> 401 200 200 200 404 404 404 404 404 404
PATCH api/v1/reservations/<int:booking_id> 401 200 200 200 404 404 404 404 404 404
POST api/v1/reservations/<int:booking_id>/not-parked 401 409 409 409 404 404 404 404 404 404
POST api/v1/reservations/quote 422
GET api/v1/revenue-summary 401 403 403 200 403 200 403 403 200 403
GET api/v1/status 200
POST api/v1/tasks/cache-clear 401 403 403 202 403 202 403 403 403 403
POST api/v1/tasks/daily-reminders 401 403 403 202 403 202 403 403 403 403
POST api/v1/tasks/monthly-reports 401 403 403 202 403 202 403 403 403 403
GET api/v1/tasks/<int:task_id> 401 404 404 200 404 404 404 404 404 404
GET api/v1/tickets 401 200 200 200 200 200 200 200 200 200
GET api/v1/tickets/<reference>/fee 200
POST api/v1/tickets/<reference>/pay 422
GET api/v1/users 401 403 403 200 403 200 403 403 403 403
POST api/v1/users 401 422 422 422 422 422 422 422 422 422
GET api/v1/users/<int:member_id> 401 404 404 200 404 404 404 404 404 404
PATCH api/v1/users/<int:member_id> 401 422 422 422 422 422 422 422 422 422
DELETE api/v1/users/<int:member_id> 401 404 404 204 404 404 404 404 404 404
DELETE api/v1/users/invitations/<int:invitation_id> 401 404 404 204 404 404 404 404 404 404
GET board/<slug:slug>/ 200
GET book/<slug:slug>/ 200
POST book/<slug:slug>/ 422
GET bookings/ 200
POST bookings/ 422
GET bookings/<str:reference>/ 200
GET bookings/<str:reference>/calendar/ 200
GET bookings/<str:reference>/cancel/ 200
POST bookings/<str:reference>/cancel/ 422
GET bookings/<str:reference>/change/ 200
POST bookings/<str:reference>/change/ 422
GET bookings/<str:reference>/changed/ 302
GET bookings/<str:reference>/changed/form/ 404
POST bookings/<str:reference>/not-parked/ 302
POST bookings/<str:reference>/release/ 302
GET bookings/back/<str:key>/ 404
GET bookings/back/<str:key>/form/ 404
GET bookings/confirm/<str:signed>/ 404
POST bookings/confirm/<str:signed>/ 404
GET d/<str:token>/ 404
GET d/<str:token>/pdf/ 404
GET desk/ 302 403 200 200 200 200 403 403 200 200
GET desk/hold/ 302 403 200 200 200 200 403 403 200 200
POST desk/hold/ 302 403 422 422 422 422 403 403 422 422
POST desk/hold/end/ 302 403 404 404 404 404 403 403 404 404
GET desk/in/ 302 403 200 200 200 200 403 403 200 200
POST desk/in/ 302 403 422 422 422 422 403 403 422 422
GET desk/lanes/ 302 403 200 200 200 200 403 403 200 200
GET desk/lost/ 302 403 200 200 200 200 403 403 200 200
POST desk/lost/fee/ 302 403 422 422 422 422 403 403 422 422
GET desk/open/ 302 403 200 200 200 200 403 403 200 200
POST desk/open/ 302 403 422 422 422 422 403 403 422 422
GET desk/shift/ 302 403 200 200 200 200 403 403 200 200
GET desk/shift/<int:pk>/ 302 403 404 404 404 404 403 403 404 404
POST desk/shift/begin/ 302 403 302 302 302 302 403 403 302 302
POST desk/shift/close/ 302 403 302 302 302 302 403 403 302 302
POST desk/shift/count/ 302 403 302 302 302 302 403 403 302 302
POST desk/shift/move/ 302 403 302 302 302 302 403 403 302 302
POST desk/shift/open/ 302 403 422 422 422 422 403 403 422 422
GET desk/stays/<str:number>/ 302 403 200 200 404 404 403 403 404 404
POST desk/stays/<str:number>/back/ 302 403 422 422 404 404 403 403 404 404
POST desk/stays/<str:number>/card/ 302 403 422 422 404 404 403 403 404 404
POST desk/stays/<str:number>/cash/ 302 403 422 422 404 404 403 403 404 404
POST desk/stays/<str:number>/voucher/ 302 403 422 422 404 404 403 403 404 404
POST desk/stays/<str:number>/mixed/ 302 403 422 422 404 404 403 403 404 404
POST desk/stays/<str:number>/debt/card/ 302 403 422 422 404 404 403 403 404 404
POST desk/stays/<str:number>/debt/cash/ 302 403 422 422 404 404 403 403 404 404
GET desk/stays/<str:number>/out/ 302 403 200 200 404 404 403 403 404 404
GET desk/stays/<str:number>/end/ 302 403 200 200 404 404 403 403 404 404
POST desk/stays/<str:number>/end/ 302 403 422 422 404 404 403 403 404 404
POST desk/stays/<str:number>/out/ 302 403 422 422 404 404 403 403 404 404
GET desk/stays/<str:number>/plate/ 302 403 200 200 404 404 403 403 404 404
POST desk/stays/<str:number>/plate/ 302 403 422 422 404 404 403 403 404 404
GET desk/stays/<str:number>/refund/ 302 403 200 200 404 404 403 403 404 404
POST desk/stays/<str:number>/refund/ 302 403 409 409 404 404 403 403 404 404
POST desk/stays/<str:number>/refund/paid-out/ 302 403 422 422 404 404 403 403 404 404
GET desk/stays/<str:number>/slip/ 302 403 404 404 404 404 403 403 404 404
POST desk/stays/<str:number>/slip/ 302 403 404 404 404 404 403 403 404 404
GET desk/stays/<str:number>/together/ 302 403 200 200 404 404 403 403 404 404
POST desk/stays/<str:number>/together/ 302 403 422 422 404 404 403 403 404 404
POST desk/stays/<str:number>/undo/ 302 403 422 422 404 404 403 403 404 404
GET desk/today/ 302 403 200 200 200 200 403 403 200 200
GET exports/<str:signed>/ 404
GET favicon.ico 302
GET feeds/apds/v4/observations 200
GET feeds/apds/v4/places 200
GET feeds/apds/v4/places/<slug:lot> 200
GET feeds/datex2/v3/parking-status.xml 200
GET feeds/datex2/v3/parking-table.xml 200
GET feeds/lots.geojson 200
GET feeds/parkapi/v1/ 200
GET feeds/parkapi/v1/<str:city> 200
GET feeds/parkapi/v1/<str:city>/<slug:lot> 200
GET feeds/parkapi/v3/parking-sites 200
GET healthz 200
GET apply/ 404
POST apply/ 404
GET apply/sent/ 404
GET apply/confirm/<str:token>/ 404
POST apply/confirm/<str:token>/ 404
GET installation/applications/ 302 403 403 403 403 403 403 403 403 403
GET installation/applications/<int:pk>/ 302 403 403 403 403 403 403 403 403 403
POST installation/applications/<int:pk>/ 302 403 403 403 403 403 403 403 403 403
GET first-run/ 404
POST first-run/ 404
GET help/ 200
GET help/<slug:slug>/ 302 200 200 200 200 200 200 200 200 200
GET help/status/ 200
GET home/ 302
GET invitations/<str:token>/ 404
POST invitations/<str:token>/ 404
GET lots/<slug:slug>/entrance-<str:digest>.jpg 404
GET lots/<slug:slug>/ 200
GET manage/ 302 403 403 200 403 200 403 403 200 403
GET manage/lots/<slug:slug>/copy/ 302 403 403 200 403 404 403 403 403 403
POST manage/lots/<slug:slug>/copy/ 302 403 403 422 403 404 403 403 403 403
GET manage/lots/<slug:slug>/site-file/ 302 403 403 200 403 404 403 403 404 403
GET manage/start/ 302 403 403 200 403 200 403 403 403 403
POST manage/start/ 302 403 403 422 403 422 403 403 403 403
GET manage/start/<slug:slug>/ 302 403 403 200 403 404 403 403 404 403
POST manage/start/<slug:slug>/test-car/ 302 403 403 302 403 404 403 403 404 403
GET manage/attention/ 302 403 403 200 403 200 403 403 200 403
GET manage/audit/ 302 403 403 200 403 200 403 403 403 403
GET manage/audit/<int:pk>/ 302 403 403 200 403 404 403 403 403 403
GET manage/blocked/ 302 403 403 200 403 200 403 403 403 403
GET manage/blocked/<int:pk>/ 302 403 403 200 403 404 403 403 403 403
POST manage/blocked/<int:pk>/ 302 403 403 422 403 404 403 403 403 403
GET manage/blocked/csv/ 302 403 403 200 403 200 403 403 403 403
GET manage/blocked/imports/ 302 403 403 200 403 200 403 403 403 403
POST manage/blocked/imports/ 302 403 403 422 403 422 403 403 403 403
GET manage/permits/csv/ 302 403 403 200 403 200 403 403 403 403
GET manage/permits/imports/ 302 403 403 200 403 200 403 403 403 403
POST manage/permits/imports/ 302 403 403 422 403 422 403 403 403 403
GET manage/plate-imports/<int:pk>/ 302 403 403 200 403 404 403 403 403 403
POST manage/plate-imports/<int:pk>/start/ 302 403 403 302 403 404 403 403 403 403
GET manage/people/<int:pk>/ 302 403 403 200 403 404 403 403 403 403
POST manage/gates/<slug:code>/open/ 302 403 403 422 403 404 403 422 404 403
POST manage/blocked/<int:pk>/lift/ 302 403 403 302 403 404 403 403 403 403
POST manage/blocked/add/ 302 403 403 422 403 422 403 403 403 403
GET manage/bookings/ 302 403 200 200 200 200 403 403 200 200
GET manage/bookings/<int:pk>/ 302 403 200 200 404 404 403 403 404 404
GET manage/bookings/<int:pk>/cancel/ 302 403 200 200 404 404 403 403 404 404
POST manage/bookings/<int:pk>/cancel/ 302 403 422 422 404 404 403 403 404 404
GET manage/bookings/<int:pk>/change/ 302 403 200 200 404 404 403 403 404 404
POST manage/bookings/<int:pk>/change/ 302 403 422 422 404 404 403 403 404 404
POST manage/bookings/<int:pk>/forgive/ 302 403 403 422 403 404 403 403 404 403
GET manage/bookings/arrivals/ 302 403 200 200 200 200 403 403 200 200
GET manage/bookings/blackouts/ 302 403 200 200 200 200 403 403 200 200
GET manage/bookings/blackouts/<int:pk>/ 302 403 200 200 404 404 403 403 404 404
POST manage/bookings/blackouts/<int:pk>/cancel/ 302 403 403 422 403 404 403 403 404 403
POST manage/bookings/blackouts/<int:pk>/lift/ 302 403 403 302 403 404 403 403 404 403
GET manage/bookings/blackouts/new/ 302 403 403 200 403 200 403 403 200 403
POST manage/bookings/blackouts/new/ 302 403 403 422 403 422 403 403 422 403
GET manage/bookings/new/ 302 403 200 200 200 200 403 403 200 200
POST manage/bookings/new/ 302 403 422 422 422 422 403 403 422 422
GET manage/bookings/timeline/ 302 403 200 200 200 200 403 403 200 200
POST manage/bookings/timeline/move/ 302 403 422 422 422 422 403 403 422 422
GET manage/bulk/<slug:act>/ 302 403 403 302 403 302 403 403 302 403
POST manage/bulk/<slug:act>/ 302 403 403 422 403 422 403 403 422 403
GET manage/bulk/batches/<int:pk>/ 302 403 403 200 403 404 403 403 404 403
POST manage/bulk/batches/<int:pk>/undo/ 302 403 403 302 403 404 403 403 404 403
GET manage/company/ 302 403 403 200 403 200 403 403 403 403
POST manage/company/ 302 403 403 302 403 302 403 403 403 403
GET manage/documents/ 302 403 200 200 200 200 403 403 200 200
GET manage/documents/<int:pk>/ 302 403 200 200 404 404 403 403 404 404
GET manage/documents/<int:pk>/pdf/ 302 403 200 200 404 404 403 403 404 404
POST manage/documents/<int:pk>/send/ 302 403 403 422 403 404 403 403 404 403
GET manage/debts/ 302 403 403 200 403 200 403 403 200 403
GET manage/debts/<int:pk>/ 302 403 403 200 403 404 403 403 404 403
POST manage/debts/<int:pk>/answer/ 302 403 403 409 403 404 403 403 404 403
POST manage/debts/<slug:operator>/rules/ 302 403 403 422 403 404 403 403 404 403
GET manage/debts/write-off/ 302 403 403 200 403 200 403 403 200 403
POST manage/debts/write-off/ 302 403 403 422 403 422 403 403 422 403
GET manage/debts/<int:pk>/invoice/ 302 403 403 200 403 404 403 403 404 403
POST manage/debts/<int:pk>/invoice/ 302 403 403 422 403 404 403 403 404 403
POST manage/debts/<int:pk>/pay/ 302 403 403 422 403 404 403 403 404 403
POST manage/debts/<int:pk>/waive/ 302 403 403 422 403 404 403 403 404 403
GET manage/passes/ 302 403 200 200 200 200 403 403 200 200
GET manage/passes/<str:pass_code>/ 302 403 200 200 404 404 403 403 404 404
GET manage/passes/<str:pass_code>/cancel/ 302 403 403 200 403 404 403 403 404 403
POST manage/passes/<str:pass_code>/cancel/ 302 403 403 422 403 404 403 403 404 403
GET manage/passes/<str:pass_code>/change/ 302 403 403 200 403 404 403 403 404 403
POST manage/passes/<str:pass_code>/change/ 302 403 403 422 403 404 403 403 404 403
POST manage/passes/<str:pass_code>/plates/add/ 302 403 403 422 403 404 403 403 404 403
POST manage/passes/<str:pass_code>/plates/change/ 302 403 403 422 403 404 403 403 404 403
POST manage/passes/<str:pass_code>/resume/ 302 403 403 302 403 404 403 403 404 403
POST manage/passes/<str:pass_code>/suspend/ 302 403 403 422 403 404 403 403 404 403
GET manage/passes/new/ 302 403 403 200 403 200 403 403 403 403
POST manage/passes/new/ 302 403 403 422 403 422 403 403 403 403
GET manage/passes/companies/ 302 403 403 200 403 200 403 403 403 403
GET manage/passes/companies/<int:pk>/ 302 403 403 200 403 404 403 403 403 403
POST manage/passes/companies/<int:pk>/ 302 403 403 422 403 404 403 403 403 403
POST manage/passes/companies/<int:pk>/archive/ 302 403 403 302 403 404 403 403 403 403
POST manage/passes/companies/<int:pk>/people/add/ 302 403 403 422 403 404 403 403 403 403
POST manage/passes/companies/<int:pk>/people/<int:manager_id>/remove/ 302 403 403 302 403 404 403 403 403 403
GET manage/passes/companies/new/ 302 403 403 200 403 200 403 403 403 403
POST manage/passes/companies/new/ 302 403 403 422 403 422 403 403 403 403
GET manage/passes/imports/ 302 403 403 200 403 200 403 403 403 403
POST manage/passes/imports/ 302 403 403 422 403 422 403 403 403 403
GET manage/passes/imports/<int:pk>/ 302 403 403 200 403 404 403 403 403 403
POST manage/passes/imports/<int:pk>/start/ 302 403 403 302 403 404 403 403 403 403
GET manage/passes/offers/ 302 403 403 200 403 200 403 403 403 403
GET manage/passes/offers/<int:pk>/ 302 403 403 200 403 404 403 403 403 403
POST manage/passes/offers/<int:pk>/ 302 403 403 422 403 404 403 403 403 403
POST manage/passes/offers/<int:pk>/stop/ 302 403 403 302 403 404 403 403 403 403
GET manage/passes/offers/new/ 302 403 403 200 403 200 403 403 403 403
POST manage/passes/offers/new/ 302 403 403 422 403 422 403 403 403 403
GET manage/payments/ 302 403 403 200 403 200 403 403 200 403
GET manage/payments/<int:pk>/ 302 403 403 200 403 404 403 403 404 403
POST manage/payments/<int:pk>/refund/ 302 403 403 422 403 404 403 403 404 403
GET manage/refunds/ 302 403 403 200 403 200 403 403 200 403
POST manage/refunds/<int:pk>/retry/ 302 403 403 409 403 404 403 403 404 403
POST manage/refunds/<int:pk>/paid-out/ 302 403 403 302 403 404 403 403 404 403
POST manage/refunds/<int:pk>/otherwise/ 302 403 403 422 403 404 403 403 404 403
POST manage/refunds/<int:pk>/take-back/ 302 403 403 422 403 404 403 403 404 403
POST manage/refunds/<slug:operator>/limit/ 302 403 403 302 403 404 403 403 404 403
POST manage/refunds/requests/<int:pk>/approve/ 302 403 403 302 403 404 403 403 404 403
POST manage/refunds/requests/<int:pk>/reject/ 302 403 403 422 403 404 403 403 404 403
GET manage/devices/<int:pk>/key/ 302 403 403 200 403 404 403 403 404 403
GET manage/devices/<int:pk>/revoke/ 302 403 403 200 403 404 403 403 404 403
POST manage/devices/<int:pk>/revoke/ 302 403 403 302 403 404 403 403 404 403
GET manage/devices/<int:pk>/roll/ 302 403 403 200 403 404 403 403 404 403
POST manage/devices/<int:pk>/roll/ 302 403 403 302 403 404 403 403 404 403
GET manage/events/ 302 403 403 200 403 200 403 403 200 403
GET manage/gates/ 302 403 403 200 403 200 403 200 200 403
GET manage/gates/<slug:code>/ 302 403 403 200 403 404 403 200 404 403
POST manage/gates/<slug:code>/ 302 403 403 422 403 404 403 403 404 403
POST manage/gates/<slug:code>/closing/ 302 403 403 302 403 404 403 302 404 403
POST manage/gates/<slug:code>/devices/ 302 403 403 422 403 404 403 403 404 403
POST manage/gates/<slug:code>/hold/ 302 403 403 422 403 404 403 422 404 403
POST manage/gates/<slug:code>/release/ 302 403 403 302 403 404 403 302 404 403
GET manage/gates/new/ 302 403 403 200 403 200 403 403 200 403
POST manage/gates/new/ 302 403 403 422 403 422 403 403 422 403
GET manage/keys/ 302 403 403 200 403 200 403 403 403 403
GET manage/keys/<int:pk>/ 302 403 403 200 403 404 403 403 403 403
GET manage/keys/<int:pk>/roll/ 302 403 403 200 403 404 403 403 403 403
POST manage/keys/<int:pk>/roll/ 302 403 403 422 403 404 403 403 403 403
GET manage/keys/<int:pk>/withdraw/ 302 403 403 200 403 404 403 403 403 403
POST manage/keys/<int:pk>/withdraw/ 302 403 403 302 403 404 403 403 403 403
GET manage/keys/new/ 302 403 403 200 403 200 403 403 403 403
POST manage/keys/new/ 302 403 403 422 403 422 403 403 403 403
GET manage/lots/ 302 403 403 200 403 200 403 403 200 403
GET manage/lots/<slug:slug>/ 302 403 403 200 403 404 403 403 404 403
GET manage/lots/<slug:slug>/archive/ 302 403 403 200 403 404 403 403 404 403
POST manage/lots/<slug:slug>/archive/ 302 403 403 302 403 404 403 403 404 403
POST manage/lots/<slug:slug>/closing/ 302 403 403 302 403 404 403 403 404 403
GET manage/lots/<slug:slug>/counts/ 302 403 403 302 403 404 403 403 404 403
GET manage/lots/<slug:slug>/entrance/ 302 403 403 200 403 404 403 403 404 403
POST manage/lots/<slug:slug>/entrance/ 302 403 403 302 403 404 403 403 404 403
GET manage/lots/<slug:slug>/pay-code/ 302 403 403 200 403 404 403 403 404 403
POST manage/lots/<slug:slug>/counts/ 302 403 403 302 403 404 403 403 404 403
GET manage/lots/<slug:slug>/levels/<level:number>/ 302 403 403 200 403 404 403 403 404 403
POST manage/lots/<slug:slug>/levels/<level:number>/bays/ 302 403 403 422 403 404 403 403 404 403
GET manage/lots/<slug:slug>/levels/<level:number>/layout/ 302 403 403 200 403 404 403 403 404 403
POST manage/lots/<slug:slug>/levels/<level:number>/layout/ 302 403 403 422 403 404 403 403 404 403
GET manage/lots/<slug:slug>/levels/<level:number>/use/ 302 403 403 200 403 404 403 403 404 403
GET manage/lots/<slug:slug>/levels/<level:number>/remove/ 302 403 403 200 403 404 403 403 404 403
POST manage/lots/<slug:slug>/levels/<level:number>/remove/ 302 403 403 302 403 404 403 403 404 403
GET manage/lots/<slug:slug>/levels/<level:number>/settings/ 302 403 403 200 403 404 403 403 404 403
POST manage/lots/<slug:slug>/levels/<level:number>/settings/ 302 403 403 422 403 404 403 403 404 403
POST manage/lots/<slug:slug>/places/ 302 403 403 422 403 404 403 403 404 403
POST manage/lots/<slug:slug>/publishing/ 302 403 403 302 403 404 403 403 404 403
POST manage/lots/<slug:slug>/restore/ 302 403 403 302 403 404 403 403 404 403
GET manage/lots/<slug:slug>/settings/ 302 403 403 200 403 404 403 403 404 403
POST manage/lots/<slug:slug>/settings/ 302 403 403 422 403 404 403 403 404 403
GET manage/lots/<slug:slug>/spots/<int:pk>/ 302 403 403 200 403 404 403 403 404 403
GET manage/lots/<slug:slug>/zones/<int:pk>/ 302 403 403 200 403 404 403 403 404 403
POST manage/lots/<slug:slug>/zones/<int:pk>/ 302 403 403 302 403 404 403 403 404 403
GET manage/lots/<slug:slug>/zones/<int:pk>/remove/ 302 403 403 200 403 404 403 403 404 403
POST manage/lots/<slug:slug>/zones/<int:pk>/remove/ 302 403 403 302 403 404 403 403 404 403
GET manage/lots/new/ 302 403 403 200 403 200 403 403 403 403
POST manage/lots/new/ 302 403 403 422 403 422 403 403 403 403
GET manage/messages/ 302 403 403 200 403 200 403 403 403 403
POST manage/messages/<int:pk>/resend/ 302 403 403 302 403 404 403 403 403 403
GET manage/exceptions/no-place/<int:pk>/ 302 403 403 200 403 404 403 403 404 403
POST manage/exceptions/no-place/<int:pk>/ 302 403 403 422 403 404 403 403 404 403
GET manage/exceptions/not-parked/<int:pk>/ 302 403 403 200 403 404 403 403 404 403
POST manage/exceptions/not-parked/<int:pk>/ 302 403 403 422 403 404 403 403 404 403
GET manage/objections/ 302 403 403 200 403 200 403 403 200 403
GET manage/objections/<int:pk>/ 302 403 403 200 403 404 403 403 404 403
POST manage/objections/<int:pk>/ 302 403 403 422 403 404 403 403 404 403
GET manage/people/ 302 403 403 200 403 200 403 403 403 403
POST manage/people/<int:pk>/remove/ 302 403 403 302 403 404 403 403 403 403
POST manage/people/<int:pk>/role/ 302 403 403 422 403 404 403 403 403 403
POST manage/people/<int:pk>/sign-out/ 302 403 403 302 403 404 403 403 403 403
POST manage/people/invitations/<int:pk>/resend/ 302 403 403 302 403 404 403 403 403 403
POST manage/people/invitations/<int:pk>/withdraw/ 302 403 403 302 403 404 403 403 403 403
POST manage/people/invite/ 302 403 403 422 403 422 403 403 403 403
GET manage/permits/ 302 403 403 200 403 200 403 403 403 403
POST manage/permits/<int:pk>/end/ 302 403 403 302 403 404 403 403 403 403
POST manage/permits/add/ 302 403 403 422 403 422 403 403 403 403
GET manage/reviews/ 302 403 403 200 403 200 403 403 200 403
GET manage/shifts/ 302 403 403 200 403 200 403 403 200 403
GET manage/shifts/<int:pk>/ 302 403 403 200 403 404 403 403 404 403
POST manage/shifts/<int:pk>/end/ 302 403 403 422 403 404 403 403 404 403
POST manage/shifts/<int:pk>/reopen/ 302 403 403 422 403 404 403 403 404 403
POST manage/shifts/<slug:operator>/tolerance/ 302 403 403 422 403 404 403 403 404 403
GET manage/stays/ 302 403 403 200 403 200 403 403 200 403
GET manage/stays/end/ 302 403 403 302 403 302 403 403 302 403
POST manage/views/<slug:listing>/ 302 403 302 302 302 302 403 302 302 302
POST manage/saved-views/<int:pk>/remove/ 302 403 404 302 404 404 403 404 404 404
POST manage/stays/end/ 302 403 403 302 403 302 403 403 302 403
GET manage/stays/<str:number>/ 302 403 403 200 403 404 403 403 404 403
POST manage/stays/<str:number>/close/ 302 403 403 422 403 404 403 403 404 403
POST manage/stays/<str:number>/move/ 302 403 403 422 403 404 403 403 404 403
POST manage/stays/<str:number>/note/ 302 403 403 422 403 404 403 403 404 403
POST manage/stays/<str:number>/plate/ 302 403 403 422 403 404 403 403 404 403
POST manage/stays/<str:number>/price/ 302 403 403 422 403 404 403 403 404 403
POST manage/stays/<str:number>/return/ 302 403 403 422 403 404 403 403 404 403
POST manage/stays/<str:number>/void/ 302 403 403 422 403 404 403 403 404 403
GET manage/tariffs/ 302 403 403 200 403 200 403 403 200 403
GET manage/tariffs/<int:pk>/ 302 403 403 200 403 404 403 403 404 403
GET manage/tariffs/<int:pk>/edit/ 302 403 403 200 403 404 403 403 404 403
POST manage/tariffs/<int:pk>/edit/ 302 403 403 422 403 404 403 403 404 403
GET manage/tariffs/<int:pk>/withdraw/ 302 403 403 200 403 404 403 403 404 403
POST manage/tariffs/<int:pk>/withdraw/ 302 403 403 302 403 404 403 403 404 403
GET manage/tariffs/<int:pk>/copy/ 302 403 403 200 403 404 403 403 404 403
POST manage/tariffs/<int:pk>/copy/ 302 403 403 422 403 404 403 403 404 403
GET manage/tariffs/drafts/<int:pk>/ 302 403 403 200 403 404 403 403 404 403
GET manage/tariffs/drafts/<int:pk>/edit/ 302 403 403 200 403 404 403 403 404 403
POST manage/tariffs/drafts/<int:pk>/edit/ 302 403 403 422 403 404 403 403 404 403
GET manage/tariffs/drafts/<int:pk>/comparison/ 302 403 403 302 403 404 403 403 404 403
POST manage/tariffs/drafts/<int:pk>/comparison/ 302 403 403 302 403 404 403 403 404 403
GET manage/tariffs/drafts/<int:pk>/copy/ 302 403 403 200 403 404 403 403 404 403
POST manage/tariffs/drafts/<int:pk>/copy/ 302 403 403 422 403 404 403 403 404 403
GET manage/tariffs/drafts/<int:pk>/discard/ 302 403 403 200 403 404 403 403 404 403
POST manage/tariffs/drafts/<int:pk>/discard/ 302 403 403 302 403 404 403 403 404 403
GET manage/tariffs/drafts/<int:pk>/publish/ 302 403 403 200 403 404 403 403 404 403
POST manage/tariffs/drafts/<int:pk>/publish/ 302 403 403 422 403 404 403 403 404 403
GET manage/tariffs/drafts/<int:pk>/take-back/ 302 403 403 200 403 404 403 403 404 403
POST manage/tariffs/drafts/<int:pk>/take-back/ 302 403 403 302 403 404 403 403 404 403
GET manage/tariffs/drafts/new/ 302 403 403 200 403 200 403 403 200 403
POST manage/tariffs/drafts/new/ 302 403 403 422 403 422 403 403 422 403
GET manage/tariffs/event-days/<slug:slug>/ 302 403 403 200 403 404 403 403 404 403
POST manage/tariffs/event-days/<slug:slug>/ 302 403 403 422 403 404 403 403 404 403
POST manage/tariffs/event-days/<slug:slug>/remove/ 302 403 403 302 403 404 403 403 404 403
GET manage/tariffs/history/<slug:slug>/ 302 403 403 200 403 404 403 403 404 403
GET manage/tariffs/new/ 302 403 403 200 403 200 403 403 200 403
POST manage/tariffs/new/ 302 403 403 422 403 422 403 403 422 403
GET manage/exceptions/ 302 403 403 200 403 200 403 403 200 403
GET manage/revenue/ 302 403 403 200 403 200 403 403 200 403
GET manage/reports/ 302 403 403 200 403 200 403 403 403 403
GET manage/reports/<slug:operator>/<str:month>.pdf 302 403 403 200 403 404 403 403 403 403
GET manage/revenue/csv/ 302 403 403 200 403 200 403 403 200 403
GET manage/revenue/lines/ 302 403 403 200 403 200 403 403 200 403
GET manage/revenue/lines/csv/ 302 403 403 200 403 200 403 403 200 403
GET manage/waivers/ 302 403 403 200 403 200 403 403 403 403
POST manage/waivers/<slug:operator>/limits/ 302 403 403 302 403 404 403 403 403 403
GET manage/messages/<int:pk>/ 302 403 403 200 403 404 403 403 403 403
GET manage/messages/<int:pk>/html/ 302 403 403 200 403 404 403 403 403 403
POST manage/messages/<int:pk>/reachable/ 302 403 403 302 403 404 403 403 403 403
POST manage/messages/resend/ 302 403 403 302 403 302 403 403 403 403
GET manage/messages/templates/ 302 403 403 200 403 200 403 403 403 403
GET manage/messages/templates/<slug:name>/ 302 403 403 200 403 200 403 403 403 403
GET manage/messages/templates/<slug:name>/html/ 302 403 403 200 403 200 403 403 403 403
GET map/ 422
GET me/ 302 200 200 200 200 200 200 200 200 200
GET me/cards/ 302 200 200 200 200 200 200 200 200 200
POST me/cards/ 302
GET me/cards/back/<slug:setup_reference>/ 302 302 404 404 404 404 404 404 404 404
GET me/cards/back/<slug:setup_reference>/form/ 404 404 404 404 404 404 404 404 404 404
POST me/cards/<int:card_id>/remove/ 302 302 404 404 404 404 404 404 404 404
GET me/account/ 302 200 200 200 200 200 200 200 200 200
POST me/account/ 302
GET me/account/data/ 302 200 200 200 200 200 200 200 200 200
GET me/account/delete/ 302 200 200 200 200 200 200 200 200 200
POST me/account/delete/ 302 422 422 422 422 422 422 422 422 422
GET me/bookings/ 302 200 200 200 200 200 200 200 200 200
GET me/documents/ 302 200 200 200 200 200 200 200 200 200
GET me/company/ 302 302 200 200 200 200 200 200 200 200
GET me/company/<int:company_id>/ 302 200 404 404 404 404 404 404 404 404
POST me/company/<int:company_id>/people/add/ 302 422 404 404 404 404 404 404 404 404
POST me/company/<int:company_id>/people/<int:manager_id>/remove/ 302 404 404 404 404 404 404 404 404 404
GET me/passes/ 302 200 200 200 200 200 200 200 200 200
GET me/passes/<str:pass_code>/ 302 200 404 404 404 404 404 404 404 404
GET me/passes/<str:pass_code>/cancel/ 302 200 404 404 404 404 404 404 404 404
POST me/passes/<str:pass_code>/cancel/ 302 422 404 404 404 404 404 404 404 404
GET me/passes/<str:pass_code>/paid/ 302 302 404 404 404 404 404 404 404 404
GET me/passes/<str:pass_code>/paid/form/ 404
GET me/passes/<str:pass_code>/pay/ 302 302 404 404 404 404 404 404 404 404
POST me/passes/<str:pass_code>/pay/ 302 302 404 404 404 404 404 404 404 404
POST me/passes/<str:pass_code>/plates/add/ 302 422 404 404 404 404 404 404 404 404
POST me/passes/<str:pass_code>/plates/remove/ 302 404 404 404 404 404 404 404 404 404
POST me/passes/<str:pass_code>/renewal/ 302 422 404 404 404 404 404 404 404 404
POST me/passes/<str:pass_code>/swap/ 302 422 404 404 404 404 404 404 404 404
GET passes/ 200
GET passes/<int:offer_id>/ 200
POST passes/<int:offer_id>/ 302 422 422 422 422 422 422 422 422 422
GET passes/back/<str:key>/ 302 404 404 404 404 404 404 404 404 404
GET passes/back/<str:key>/form/ 404
GET manage/tasks/ 302 403 403 200 403 200 403 403 403 403
POST manage/tasks/cache/ 302 403 403 302 403 302 403 403 403 403
POST manage/tasks/reminders/ 302 403 403 302 403 302 403 403 403 403
POST manage/tasks/reports/ 302 403 403 422 403 422 403 403 403 403
GET me/exports/ 302 200 200 200 200 200 200 200 200 200
GET me/exports/new/<str:whose>/<str:kind>/ 302 403 403 200 403 200 403 403 200 403
POST me/exports/new/<str:whose>/<str:kind>/ 302 403 403 422 403 422 403 403 422 403
GET me/exports/<int:export_id>/file/ 302 302 404 404 404 404 404 404 404 404
POST me/exports/<int:export_id>/cancel/ 302 302 404 404 404 404 404 404 404 404
POST me/exports/<int:export_id>/revoke/ 302 302 404 404 404 404 404 404 404 404
GET me/messages/ 302 200 200 200 200 200 200 200 200 200
POST me/messages/ 302
POST me/messages/reachable/ 302
GET me/stays/ 302
GET me/stays/<str:number>/plan/ 302 404 404 404 404 404 404 404 404 404
GET me/history/ 302 200 200 200 200 200 200 200 200 200
GET me/spending/ 302 200 200 200 200 200 200 200 200 200
GET me/months/<str:month>.pdf 302 200 200 200 200 200 200 200 200 200
GET me/months/<str:month>/receipts.pdf 302 404 404 404 404 404 404 404 404 404
POST me/stays/ 302 422 422 422 422 422 422 422 422 422
GET me/vehicles/ 302 200 200 200 200 200 200 200 200 200
POST me/vehicles/ 302 422 422 422 422 422 422 422 422 422
GET me/vehicles/<int:vehicle_id>/ 302 200 404 404 404 404 404 404 404 404
POST me/vehicles/<int:vehicle_id>/ 302 422 404 404 404 404 404 404 404 404
POST me/vehicles/<int:vehicle_id>/remove/ 302
GET me/automatic/ 302 200 200 200 200 200 200 200 200 200
GET me/automatic/<int:vehicle_id>/ 302 200 404 404 404 404 404 404 404 404
POST me/automatic/<int:vehicle_id>/ 302 422 404 404 404 404 404 404 404 404
POST me/automatic/<int:vehicle_id>/stop/ 302 302 404 404 404 404 404 404 404 404
GET not-me/<str:token>/ 404
POST not-me/<str:token>/ 404
GET pay/ 200
GET pay/by-plate/<slug:slug>/ 200
POST pay/by-plate/<slug:slug>/ 422
GET pay/by-plate/<slug:slug>/fee/ 302
POST pay/by-plate/<slug:slug>/fee/ 302
GET pay/by-plate/<slug:slug>/back/<path:key>/ 302
GET pay/by-plate/<slug:slug>/back/<path:key>/form/ 404
GET pay/<str:reference>/ 200
POST pay/<str:reference>/ 422
GET pay/<str:reference>/back/<path:key>/ 302
GET pay/<str:reference>/back/<path:key>/form/ 404
GET pay/<str:reference>/appeal/ 404
POST pay/<str:reference>/appeal/ 404
GET pay/<str:reference>/receipt/ 404
GET readyz 200
GET robots.txt 200
GET .well-known/security.txt 404
GET simulated-bank/<str:bank_reference>/ 200
POST simulated-bank/<str:bank_reference>/ 302
GET t/<str:token> 302
POST language/ 302
POST theme/ 302
POST api/v1/tickets/<reference>/validations 401 422 422 422 422 422 422 422 422 422
DELETE api/v1/tickets/<reference>/validations 401 422 422 422 422 422 422 422 422 422
GET api/v1/validation-types 401 403 403 403 403 403 200 403 403 403
GET v/<str:signed>/ 404
POST v/<str:signed>/ 404
GET manage/webhooks/ 302 403 403 200 403 200 403 403 403 403
GET manage/webhooks/new/ 302 403 403 200 403 200 403 403 403 403
POST manage/webhooks/new/ 302 403 403 422 403 422 403 403 403 403
GET manage/webhooks/<int:pk>/ 302 403 403 200 403 404 403 403 403 403
GET manage/webhooks/<int:pk>/settings/ 302 403 403 200 403 404 403 403 403 403
POST manage/webhooks/<int:pk>/settings/ 302 403 403 422 403 404 403 403 403 403
GET manage/webhooks/<int:pk>/secret/ 302 403 403 200 403 404 403 403 403 403
GET manage/webhooks/<int:pk>/roll/ 302 403 403 200 403 404 403 403 403 403
POST manage/webhooks/<int:pk>/roll/ 302 403 403 302 403 404 403 403 403 403
POST manage/webhooks/<int:pk>/pause/ 302 403 403 302 403 404 403 403 403 403
POST manage/webhooks/<int:pk>/resume/ 302 403 403 302 403 404 403 403 403 403
POST manage/webhooks/<int:pk>/replay/ 302 403 403 422 403 404 403 403 403 403
GET manage/webhooks/<int:pk>/remove/ 302 403 403 200 403 404 403 403 403 403
POST manage/webhooks/<int:pk>/remove/ 302 403 403 302 403 404 403 403 403 403
GET manage/webhooks/<int:pk>/deliveries/<int:delivery_pk>/ 302 403 403 200 403 404 403 403 403 403
POST manage/webhooks/<int:pk>/deliveries/<int:delivery_pk>/again/ 302 403 403 302 403 404 403 403 403 403
GET manage/merchants/ 302 403 403 200 403 200 403 403 403 403
GET manage/merchants/new/ 302 403 403 200 403 200 403 403 403 403
POST manage/merchants/new/ 302 403 403 422 403 422 403 403 403 403
GET manage/merchants/<int:pk>/ 302 403 403 200 403 404 403 403 403 403
GET manage/merchants/<int:pk>/settings/ 302 403 403 200 403 404 403 403 403 403
POST manage/merchants/<int:pk>/settings/ 302 403 403 422 403 404 403 403 403 403
POST manage/merchants/<int:pk>/types/ 302 403 403 422 403 404 403 403 403 403
POST manage/merchants/<int:pk>/invite/ 302 403 403 422 403 404 403 403 403 403
POST manage/merchants/types/<int:pk>/budget/ 302 403 403 422 403 404 403 403 403 403
POST manage/merchants/types/<int:pk>/end/ 302 403 403 302 403 404 403 403 403 403
GET manage/vouchers/ 302 403 403 200 403 200 403 403 403 403
GET manage/vouchers/new/ 302 403 403 200 403 200 403 403 403 403
POST manage/vouchers/new/ 302 403 403 422 403 422 403 403 403 403
GET manage/promo-codes/ 302 403 403 200 403 200 403 403 403 403
GET manage/promo-codes/new/ 302 403 403 200 403 200 403 403 403 403
POST manage/promo-codes/new/ 302 403 403 422 403 422 403 403 403 403
POST manage/promo-codes/<int:pk>/end/ 302 403 403 302 403 404 403 403 403 403
GET validate/ 302 403 403 403 403 403 200 403 403 403
POST validate/ 302 403 403 403 403 403 422 403 403 403
GET validate/month/ 302 403 403 403 403 403 200 403 403 403
GET validate/code/<int:kind_id>/ 302 403 403 403 403 403 200 403 403 403
POST validate/<int:validation_id>/undo/ 302 403 403 403 403 403 302 403 403 403
GET unsubscribe/<str:signed>/ 404
POST unsubscribe/<str:signed>/ 404
POST webhooks/mail/<slug:provider>/ 404
POST webhooks/stripe/ 404
"""
