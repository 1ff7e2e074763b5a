"""What every request goes through, by what a process serves."""

FOR_PROGRAMS = [
    "django.middleware.security.SecurityMiddleware",
    "common.web.browser_features.without_features",
    "csp.middleware.CSPMiddleware",
    "common.web.privacy.not_stored",
    "common.web.outages.patient",
    "api.errors.api_errors",
    "common.web.addresses.without_nul",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    # Unused here, but the app does not load without it.
    "allauth.account.middleware.AccountMiddleware",
    "common.web.outages.PageOutage",
]
FOR_PEOPLE = [
    # Before all that may answer, so that programs in browsers can read every answer.
    "corsheaders.middleware.CorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "common.web.browser_features.without_features",
    # Before the static files, which are pages of their own when they are opened.
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Adds random bytes, so that the length of a page reveals nothing about its CSRF token.
    "django.middleware.gzip.GZipMiddleware",
    "common.web.privacy.not_stored",
    "common.web.outages.patient",
    "api.errors.api_errors",
    "api.call_limits.tell_limits",
    "common.web.addresses.without_nul",
    "common.web.addresses.without_page_session",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "entrance.session_ends.end_in_time",
    "common.web.own_way.written_as_chosen",
    "audit.acting.requests_act",
    "entrance.second_factor_first.set_up_first",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "common.web.form_pages.lead_to_form",
    "common.web.outages.PageOutage",
]
FOR_STREAMS = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "common.web.outages.patient",
    "common.web.addresses.without_nul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "entrance.second_factor_first.set_up_first",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
]
"""Of these nothing is a page, a form or a file."""
