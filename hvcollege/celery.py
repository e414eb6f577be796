"""The Celery application. A `Job` row is the truth of every background job; Celery only carries its id."""

import os

from celery import Celery

from hvcollege import broker  # noqa: F401  makes the embedded broker known by its scheme

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hvcollege.settings")

app = Celery("hvcollege")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
