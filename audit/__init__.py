"""The other side of the table: trusts bytes only."""
