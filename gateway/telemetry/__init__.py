"""Logs and metrics; traces have their place here."""
