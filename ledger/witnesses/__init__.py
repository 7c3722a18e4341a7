"""The ledger's side of witnesses: asking them, and what is shown of their cosignatures."""
