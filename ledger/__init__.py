"""The write side: what may be said, and how it is kept for ever."""
