"""Celery's entrances to the background jobs, ids only, and what is tidied up regularly."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from projects import changing, jobs
from projects.notices import sending


@shared_task
def run_job(pk: int) -> None:
    jobs.execute(pk)


@shared_task
def resend_jobs() -> None:
    jobs.resend()


@shared_task
def clear_jobs() -> None:
    jobs.clear()


@shared_task
def clear_sessions() -> None:
    SessionStore.clear_expired()


@shared_task
def send_messages() -> None:
    sending.send_what_is_due()


@shared_task
def put_changes_in_force() -> None:
    changing.put_due(timezone.now())


@shared_task
def remind() -> None:
    """Today's reminders; what was told already is not told again."""
    day = timezone.localdate().isoformat()
    jobs.enqueue("remind", {"day": day}, by=None, key="remind")
