"""Supervision over HTTP: reports, early warnings, evaluation."""
