-- Erasing and re-wrapping: the vault alone is not append-only. The log's tables stay as they are.
GRANT UPDATE (master, wrapped), DELETE ON vault.keys TO jiannuo_writer;
GRANT DELETE ON vault.openings TO jiannuo_writer;
