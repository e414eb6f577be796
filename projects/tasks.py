"""Celery's entrances to the background jobs, ids only, and what is tidied up regularly."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore

from projects import jobs


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
