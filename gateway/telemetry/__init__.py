"""Logs now; metrics and traces have their place here."""
