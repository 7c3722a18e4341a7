"""What can be asked of the projections: one module a resource, each a :class:`projections.views.listing.Listing`."""
