"""Lists that offices have as spreadsheets: read within bounds, each cell accounted for (docs/screening.md)."""
