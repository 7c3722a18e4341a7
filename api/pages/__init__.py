"""The site's pages: what people read."""
