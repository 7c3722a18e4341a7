"""The edge: HTTP, site and command line; the only place that knows FastAPI or Typer."""
