"""Screening: what stands against bodies, for a purpose."""
