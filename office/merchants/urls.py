"""Routes of merchants and promo codes."""

from django.urls import path

from office.merchants import merchant_pages, promo_pages, voucher_pages

urlpatterns = [
    path("merchants/", merchant_pages.merchants, name="merchants"),
    path("merchants/new/", merchant_pages.new_merchant, name="new_merchant"),
    path("merchants/types/<int:pk>/budget/", merchant_pages.change_budget, name="validation_budget"),
    path("merchants/types/<int:pk>/end/", merchant_pages.end_of_type, name="end_validation_type"),
    path("merchants/<int:pk>/", merchant_pages.merchant, name="merchant"),
    path("merchants/<int:pk>/settings/", merchant_pages.merchant_settings, name="merchant_settings"),
    path("merchants/<int:pk>/types/", merchant_pages.new_type, name="new_validation_type"),
    path("merchants/<int:pk>/invite/", merchant_pages.invite_validator, name="invite_validator"),
    path("promo-codes/", promo_pages.promo_codes, name="promo_codes"),
    path("promo-codes/new/", promo_pages.new_promo_code, name="new_promo_code"),
    path("promo-codes/<int:pk>/end/", promo_pages.end_promo_code, name="end_promo_code"),
    path("vouchers/", voucher_pages.vouchers, name="vouchers"),
    path("vouchers/new/", voucher_pages.new_vouchers, name="new_vouchers"),
]
