"""Reminders of the day. TODO below."""
