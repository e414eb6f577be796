"""The site's own settings with a data folder that is thrown away, so that a test never touches real data.

The database (DATABASE_URL) and the broker (REDIS_URL) are whatever the environment says, as everywhere.
"""

import atexit
import os
import shutil
import tempfile

for name in ("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "DEBUG", "EMAIL_URL", "HTTPS", "SECRET_KEY"):
    os.environ.pop(name, None)
PARTNERS = ("WECOM_", "DINGTALK_", "OIDC_", "CAS_", "SITE_URL", "ROBOT_", "REMIND_")
for name in [each for each in os.environ if each.startswith(PARTNERS)]:
    os.environ.pop(name)
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="hvcollege-tests-")
atexit.register(shutil.rmtree, os.environ["DATA_DIR"], ignore_errors=True)

from hvcollege.settings import *  # noqa: E402, F403
from hvcollege.settings import DATA_DIR, DATABASES, STORAGES  # noqa: E402

# A file, not memory: tests meet the locks and the write-ahead log that production meets.
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    DATABASES["default"]["TEST"] = {"NAME": DATA_DIR / "test.sqlite3"}

# Made for speed here, for safety there.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# No collectstatic before a test run.
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
WHITENOISE_AUTOREFRESH = True
# Jobs run at once, in the caller; tests/test_jobs_workers.py starts real workers.
CELERY_TASK_ALWAYS_EAGER = True
CELERY_TASK_EAGER_PROPAGATES = True
# Log-ins of tests are not throttled; tests/test_settings.py turns it on.
AXES_ENABLED = False
