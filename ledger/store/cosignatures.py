"""Keeping what witnesses signed of the log's checkpoints: a line each, added when it comes, never changed.

>>> Cosignatures.__doc__.partition(":")[0]
'Adds lines to ``ledger.cosignatures``'
"""

from __future__ import annotations

from eventsourcing.postgres import PostgresDatastore

from ledger.store.recorder import STORE_ERRORS, as_ledger_error


class Cosignatures:
    """Adds lines to ``ledger.cosignatures``: the writer's role may insert there and can change nothing."""

    def __init__(self, store: PostgresDatastore) -> None:
        self._store = store

    def add(self, size: int, witness: str, line: str) -> None:
        """Adds the line of the witness with this vkey for the checkpoint of a size; one that is there stays.

        Raises UnavailableError, or the LedgerError of a store that refuses.
        """
        try:
            with self._store.transaction(commit=True) as cursor:
                cursor.execute(
                    "INSERT INTO ledger.cosignatures (size, witness, line) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
                    (size, witness, line),
                )
        except STORE_ERRORS as error:
            raise as_ledger_error(error) from error
