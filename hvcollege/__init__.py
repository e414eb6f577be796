"""Wiring of the site: settings, urls, Celery, system checks. It holds no domain word."""

from .celery import app as celery_app

__all__ = ("celery_app",)
