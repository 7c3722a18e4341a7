"""Bundles: a log, a case or a subject in one file (docs/log-format.md, Bundles)."""
