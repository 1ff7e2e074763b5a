"""Settings, each read from the environment; the table in README.md lists them all."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from common.languages import LANGUAGES as LANGUAGE_NAMES
from common.plates import NO_PLATE_WORDS as NO_PLATE_WORDS_OF_CAMERAS
from common.plates import none_words
from common.web.client_address import proxies_told
from events.stream_address import stream_address
from parking.beat_schedule import BEAT_SCHEDULE
from parking.embedded import Layout
from parking.environment import SettingsEnv
from parking.export_storage import export_storage, unfinished_folder
from parking.logs import set_up_logging
from parking.map_tiles import tile_sources
from parking.middleware import FOR_PEOPLE, FOR_PROGRAMS, FOR_STREAMS
from parking.production import refuse_unsafe
from parking.secret_key import kept_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = SettingsEnv()

PARKING_ENV = env.str("PARKING_ENV", default="development")
PRODUCTION = PARKING_ENV == "production"
DEBUG = env.bool("DEBUG", default=False)
PARKING_DATA = Path(env.str("PARKING_DATA", default=str(BASE_DIR / "var"))).resolve()
# What this process serves: everything, or only gates, or only streams.
SERVES = env.str("PARKING_SERVES", default="everything")
if SERVES not in {"everything", "gates", "streams"}:
    raise ImproperlyConfigured(f"PARKING_SERVES is {SERVES!r}; it must be 'everything', 'gates' or 'streams'.")
# Where the process that streams is, as http://127.0.0.1:8002: pages follow it, and the web process passes their streams
# on to it; empty: pages only ask by themselves.
STREAM_URL = env.str("STREAM_URL", default="").rstrip("/")
# How many streams one process sends at once, to one person, and to one address of which nobody has signed in.
STREAMS_AT_ONCE = env.int("STREAMS_AT_ONCE", default=4000)
STREAMS_PER_PERSON = env.int("STREAMS_PER_PERSON", default=20)
STREAMS_PER_ADDRESS = env.int("STREAMS_PER_ADDRESS", default=100)
# Whether this serves the demo, whose passwords are public; `up` says so to its processes.
PARKING_DEMO = env.bool("PARKING_DEMO", default=False)
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")

SECRET_KEY = env.str("SECRET_KEY", default="") or ("" if PRODUCTION else kept_secret_key(PARKING_DATA))
# Earlier keys: what they signed and sealed still opens while a key is rolled.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# Seal columns of the database, the first one what is written; those derived from SECRET_KEY open as well, and seal
# where none is given.
FIELD_KEYS = env.list("FIELD_KEYS", default=[])
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS", default=[] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]", "testserver"]
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

EMBEDDED = Layout(PARKING_DATA)
DATABASE_URL = env.str("DATABASE_URL", default="") or EMBEDDED.database_url
DATABASES: dict[str, dict[str, Any]] = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"] |= {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True, "ENGINE": "common.db.postgresql"}
REDIS_URL = env.str("REDIS_URL", default="") or EMBEDDED.redis_url

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.headless",
    "allauth.usersessions",
    "ninja",
    "corsheaders",
    "csp",
    "js_lib_leaflet",
    "django_structlog",
    "common.web",
    "accounts",
    "events",
    "notifications",
    "exports",
    "lists",
    "lots",
    "devices",
    "billing",
    "passes",
    "reservations",
    "tickets",
    "merchants",
    "gates",
    "retention",
    "reports",
    "audit",
    "office",
    "manual",
    "parking",
]

# Whether services check in PostgreSQL that the locks they rely on are held; on in tests.
ASSERT_LOCKS = False

MIDDLEWARE, ROOT_URLCONF = {
    "everything": (FOR_PEOPLE, "parking.urls"),
    "gates": (FOR_PROGRAMS, "parking.urls_gates"),
    "streams": (FOR_STREAMS, "parking.urls_streams"),
}[SERVES]
WSGI_APPLICATION = "parking.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.debug",
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "parking.menus.site",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.password_words.OtherThanTradeWords"},
]
LOGIN_REDIRECT_URL = "entrance:home"
LOGIN_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
# Before addresses, the phone and sessions are changed, people confirm that it is them.
ACCOUNT_REAUTHENTICATION_REQUIRED = True
# Only in the browser that signed up.
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
ACCOUNT_FORMS = {
    "login": "entrance.account_forms.LoginForm",
    "signup": "entrance.account_forms.SignupForm",
    "add_email": "entrance.account_forms.AddEmailForm",
    "reset_password": "entrance.account_forms.ResetPasswordForm",
    "change_password": "entrance.account_forms.ChangePasswordForm",
    "set_password": "entrance.account_forms.SetPasswordForm",
    "reset_password_from_key": "entrance.account_forms.ResetPasswordKeyForm",
}
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Parking: "
ACCOUNT_ADAPTER = "entrance.adapter.AccountAdapter"
HEADLESS_TOKEN_STRATEGY = "api.tokens.RevokingTokenStrategy"  # noqa: S105 a class path
HEADLESS_JWT_ALGORITHM = "HS256"
HEADLESS_JWT_STATEFUL_VALIDATION_ENABLED = True
HEADLESS_JWT_ROTATE_REFRESH_TOKEN = True
# Attempts are counted by address, and by address and account, so that a stranger can't lock others out; what many
# addresses try on one account is counted by the adapter.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/m/ip,60/h/ip,5/5m/key,20/d/key",
    "login_failed_anywhere": "20/h/key,60/d/key",
    "login_failed_untold": "4/h/key",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ADAPTER = "entrance.second_factors.SecondFactorAdapter"
MFA_FORMS = {
    "add_webauthn": "entrance.second_factors.AddPasskeyForm",
    "edit_webauthn": "entrance.second_factors.RenamePasskeyForm",
    "login_webauthn": "entrance.second_factors.PasskeyLoginForm",
    "authenticate_webauthn": "entrance.second_factors.PasskeyStepForm",
    "reauthenticate_webauthn": "entrance.second_factors.PasskeyAgainForm",
}
# Nobody signs in before an address is verified, and an address can still be added with a second factor.
MFA_ALLOW_UNVERIFIED_EMAIL = True
# Whose account needs a second factor: `admins`, who set one up before they reach anything else, or `off`.
SECOND_FACTOR = env.str("SECOND_FACTOR", default="admins" if PRODUCTION else "off")
if SECOND_FACTOR not in {"admins", "off"}:
    raise ImproperlyConfigured(f"SECOND_FACTOR is {SECOND_FACTOR!r}; it must be 'admins' or 'off'.")
# Browsers allow passkeys without TLS on localhost only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION

# Of texts where neither a person nor a browser says another, such as on displays of lots without one of their own.
LANGUAGE_CODE = env.str("DEFAULT_LANGUAGE", default="en")
if LANGUAGE_CODE not in LANGUAGE_NAMES:
    raise ImproperlyConfigured(f"DEFAULT_LANGUAGE is {LANGUAGE_CODE!r}; it must be one of {', '.join(LANGUAGE_NAMES)}.")
LANGUAGES = tuple(LANGUAGE_NAMES.items())
LANGUAGE_COOKIE_NAME = "language"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(PARKING_DATA / "static"))).resolve()
STATICFILES_DIRS = [BASE_DIR / "static"]
# Files that people asked for: a folder, or s3://bucket/folder with the usual AWS_… variables.
EXPORTS_STORAGE = env.str("EXPORTS_STORAGE", default=str(PARKING_DATA / "exports"))
EXPORTS_UNFINISHED = str(unfinished_folder(EXPORTS_STORAGE, PARKING_DATA))
# After so many days files are removed, and so many exports are written at once.
EXPORTS_KEPT_DAYS = env.int("EXPORTS_KEPT_DAYS", default=7)
EXPORTS_AT_ONCE = env.int("EXPORTS_AT_ONCE", default=1)
EXPORT_KINDS = ["driver.own_exports.KINDS", "office.lot_exports.KINDS"]
BULK_ACTS = ["office.bulk.row_acts.ACTS"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "exports": export_storage(EXPORTS_STORAGE),
    "staticfiles": {"BACKEND": "parking.static_files.BundledStorage"},
}
# Before anything is collected, and in development, the source files are served.
WHITENOISE_USE_FINDERS = DEBUG or not (STATIC_ROOT / "staticfiles.json").is_file()
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["png", "map"]

CACHES = {"default": {"BACKEND": "common.shared_cache.SharedCache", "LOCATION": REDIS_URL, "KEY_PREFIX": "cache"}}

# For how many seconds at most lots and prices that lists show are kept, and navigation's feeds, see docs/caching.md.
CACHE_SECONDS = env.float("CACHE_SECONDS", default=120)
FEED_SECONDS = env.float("FEED_SECONDS", default=5)

DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
# The page of a large tariff has more fields than Django's 1,000.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4_000
# Sessions end when they are not used, and after a longest time; sooner for people with a role.
WORK_SESSION_IDLE_HOURS = env.int("WORK_SESSION_IDLE_HOURS", default=8)
WORK_SESSION_LONGEST_DAYS = env.int("WORK_SESSION_LONGEST_DAYS", default=7)
SESSION_IDLE_DAYS = env.int("SESSION_IDLE_DAYS", default=14)
SESSION_LONGEST_DAYS = env.int("SESSION_LONGEST_DAYS", default=90)
SESSION_COOKIE_AGE = SESSION_IDLE_DAYS * 86_400
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = PRODUCTION
THEME_COOKIE_NAME = "theme"
CSRF_COOKIE_SECURE = PRODUCTION
if PRODUCTION:
    # Browsers take cookies of these names from this host alone, over TLS, so that no neighbour can set them.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    THEME_COOKIE_NAME, LANGUAGE_COOKIE_NAME = "__Host-theme", "__Host-language"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
TRUSTED_PROXIES = proxies_told(env.str("BEHIND_PROXY", default="off"))
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
# The origins, such as https://app.example, whose pages may call the API from a browser; never with cookies.
CORS_ALLOWED_ORIGINS = env.list("CORS_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/"
CORS_ALLOW_CREDENTIALS = False
CORS_ALLOW_METHODS = ["DELETE", "GET", "PATCH", "POST", "PUT"]
CORS_ALLOW_HEADERS = ["authorization", "content-type", "idempotency-key", "if-match", "if-none-match"]
CORS_EXPOSE_HEADERS = ["ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}

# Where the map's tiles come from, such as https://tiles.example/{z}/{x}/{y}.png; empty: it is drawn without them.
MAP_TILES = env.str("MAP_TILES", default="")
MAP_ATTRIBUTION = env.str("MAP_ATTRIBUTION", default="")
if MAP_TILES:
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"] += tile_sources(MAP_TILES)

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="smtp://127.0.0.1:1025")
vars().update(EMAIL_CONFIG)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Parking <parking@localhost>")
# The providers of mail in their order: smtp, an address of another server, or one that django-anymail knows.
MAIL_PROVIDERS = env.list("MAIL_PROVIDERS", default=["smtp"])
# Signs what a mail server of one's own reports about mails; empty: it can report nothing.
MAIL_WEBHOOK_SECRET = env.str("MAIL_WEBHOOK_SECRET", default="")
# Whatever django-anymail wants to know of a provider, such as ANYMAIL_POSTMARK_SERVER_TOKEN.
ANYMAIL = {
    "REQUESTS_TIMEOUT": EMAIL_TIMEOUT,
    **{name.removeprefix("ANYMAIL_"): env.str(name) for name in env.names(prefix="ANYMAIL_")},
}

# What the devices of each kind send for a car without a plate; a person types none of these.
NO_PLATE_WORDS = {
    "camera": none_words(env.list("NO_PLATE_WORDS_CAMERA", default=sorted(NO_PLATE_WORDS_OF_CAMERAS))),
    "barrier": none_words(env.list("NO_PLATE_WORDS_BARRIER", default=sorted(NO_PLATE_WORDS_OF_CAMERAS))),
    "kiosk": none_words(env.list("NO_PLATE_WORDS_KIOSK", default=sorted(NO_PLATE_WORDS_OF_CAMERAS))),
    "edge": none_words(env.list("NO_PLATE_WORDS_EDGE", default=sorted(NO_PLATE_WORDS_OF_CAMERAS))),
}

# The API of one garage for simple clients, of the lot with this slug; empty: the first one.
CLASSIC_API = env.bool("CLASSIC_API", default=PARKING_DEMO)
CLASSIC_LOT = env.str("CLASSIC_LOT", default="")

# The receipt printer with the drawer beside the desks; empty: none.
TILL_PRINTER_URL = env.str("TILL_PRINTER_URL", default="")

# Sends texts to phones: a name or dotted path; empty: none can be sent.
TEXT_PROVIDER = env.str("TEXT_PROVIDER", default="" if PRODUCTION else "simulated")
# The account, its secret and the sender's number at a provider of texts with Twilio's interface, and where it is.
TEXT_ACCOUNT = env.str("TEXT_ACCOUNT", default="")
TEXT_SECRET = env.str("TEXT_SECRET", default="")
TEXT_SENDER = env.str("TEXT_SENDER", default="")
TEXT_API_BASE = env.str("TEXT_API_BASE", default="https://api.twilio.com")

# Reads of the API in a minute, by an address without credentials and by a person; a fifth may be writes. 0: no limit.
API_ADDRESS_PER_MINUTE = env.int("API_ADDRESS_PER_MINUTE", default=3000)
API_PERSON_PER_MINUTE = env.int("API_PERSON_PER_MINUTE", default=3000)
# How many machines run the web server: while Redis is away, each of their processes keeps to its share of the limits.
WEB_MACHINES = env.int("WEB_MACHINES", default=1)

# The Redis stream or Kafka topic that gets all events, see docs/events.md; `redis`: in our own Redis.
EVENTS_STREAM = stream_address(env.str("EVENTS_STREAM", default="redis" if PARKING_DEMO else ""), own_redis=REDIS_URL)
# About so many entries a Redis stream keeps; 0: all.
EVENTS_STREAM_LENGTH = env.int("EVENTS_STREAM_LENGTH", default=100_000)
# Whether webhooks may lead to addresses of private networks, and without TLS.
WEBHOOKS_PRIVATE = env.bool("WEBHOOKS_PRIVATE", default=False)

PAYMENT_PROVIDERS = env.list("PAYMENT_PROVIDERS", default=[] if PRODUCTION else ["simulated"])
STRIPE_SECRET_KEY = env.str("STRIPE_SECRET_KEY", default="")
STRIPE_WEBHOOK_SECRET = env.str("STRIPE_WEBHOOK_SECRET", default="")
STRIPE_API_BASE = env.str("STRIPE_API_BASE", default="https://api.stripe.com")
# With it the card form stands on our own pages instead of Stripe's.
STRIPE_PUBLISHABLE_KEY = env.str("STRIPE_PUBLISHABLE_KEY", default="")
STRIPE_PAGES = env.list("STRIPE_PAGES", default=["https://checkout.stripe.com"])
if "stripe" in PAYMENT_PROVIDERS:
    # The forms that pay and save cards lead there.
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] += STRIPE_PAGES

# The class that signs documents where a country demands it; see docs/documents.md.
FISCAL_PROVIDER = env.str("FISCAL_PROVIDER", default="")

# Whether anybody may apply as a further operator; who runs the installation accepts or declines.
OPERATORS_MAY_APPLY = env.bool("OPERATORS_MAY_APPLY", default=PARKING_DEMO)

# Where to report a weakness, as mailto:security@parking.example or https://…; empty: there is no security.txt.
SECURITY_CONTACT = env.str("SECURITY_CONTACT", default="")

# The hour on a lot's clock at which its books of the day before are closed.
DAILY_CLOSE_HOUR = env.int("DAILY_CLOSE_HOUR", default=4)

# Celery has its own URL scheme for Redis on a unix socket.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TIMEZONE = "UTC"
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
# While Redis is down, sending a task fails at once: what must happen is stored as a row.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 1,
    "socket_timeout": 2,
    "visibility_timeout": 600,
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BEAT_SCHEDULE = BEAT_SCHEDULE

# Its own way to determine the client's address trusts the client.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
LOGGING = set_up_logging(production=PRODUCTION, level=env.str("LOG_LEVEL", default="INFO"))

refuse_unsafe(globals())
