"""The site's own settings for worker processes that tests start: short leases, handlers of tests.

Broker, database and data folder are the environment's.
"""

from datetime import timedelta

from hvcollege.settings import *  # noqa: F403
from hvcollege.settings import CELERY_BEAT_SCHEDULE, CELERY_BROKER_TRANSPORT_OPTIONS, DATA_DIR, REDIS_URL

JOB_HANDLERS = {
    "hang_once": "tests.job_handlers.hang_once",
    "write": "tests.job_handlers.write",
    "import_check": "tests.job_handlers.check_and_hang_once",
    "import_write": "tests.job_handlers.import_and_hang_once",
}
JOB_LEASE = timedelta(seconds=3)
CELERY_BEAT_SCHEDULE["resend-jobs"] |= {"schedule": 0.5, "options": {"expires": 5}}
if REDIS_URL:
    # Keep out of the way of other users of the same server.
    CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"] = f"{DATA_DIR.name}:"
