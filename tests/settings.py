"""The product's settings over throw-away embedded servers, with the slow parts that no test is about made fast."""

import os
import tempfile

if not os.environ.get("PARKING_TEST_DATA"):
    # Set before the workers of a parallel run start, so that all of them share one pair of servers.
    os.environ["PARKING_TEST_DATA"] = tempfile.mkdtemp(prefix="parking-test-")
    os.environ["PARKING_TEST_DATA_IS_OURS"] = "yes"
os.environ["PARKING_DATA"] = os.environ["PARKING_TEST_DATA"]

from parking.settings import *  # noqa: F403 - the folder must be known before the settings are read
from parking.settings import PARKING_DATA

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# What one test tried must not count in another that runs at the same time.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STATIC_ROOT = PARKING_DATA / "static"
STATIC_ROOT.mkdir(exist_ok=True)
# Each client of a test makes the middleware anew, which would look every static file up before its first request.
WHITENOISE_AUTOREFRESH = True
# Every claim that a lot's lock is held is checked by asking PostgreSQL.
ASSERT_LOCKS = True
