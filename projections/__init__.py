"""The read side: what is true now, or was true on a day; droppable, rebuildable."""
