"""Celery's entrances to the background jobs: ids only."""

from celery import shared_task

from projects import jobs


@shared_task
def run_job(pk: int) -> None:
    jobs.execute(pk)


@shared_task
def resend_jobs() -> None:
    jobs.resend()
