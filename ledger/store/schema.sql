-- The ledger's tables. Rows are inserted and read, never changed: the writer's role has no other right, and triggers
-- refuse UPDATE, DELETE and TRUNCATE to everyone else too. Column names of `events` up to notification_id are those
-- that the eventsourcing library's recorder reads.
CREATE TABLE ledger.events (
    originator_id      text   COLLATE "C" NOT NULL,  -- the stream, e.g. commitment/0198…
    originator_version bigint NOT NULL CHECK (originator_version > 0),
    topic              text   NOT NULL,               -- event name and schema number, e.g. CommitmentMade/1
    state              bytea  NOT NULL,               -- the entry: time LF compact-JWS LF, the bytes that the tree hashes
    notification_id    bigint NOT NULL CHECK (notification_id > 0),  -- leaf index + 1: gapless
    jti                uuid   NOT NULL,
    leaf_hash          bytea  NOT NULL CHECK (octet_length(leaf_hash) = 32),
    PRIMARY KEY (originator_id, originator_version),
    UNIQUE (notification_id),
    UNIQUE (jti)
);

-- Finished tiles of the Merkle tree; unfinished ones are computed from leaf hashes and roots of finished tiles.
CREATE TABLE ledger.tiles (
    level  smallint NOT NULL,
    n      bigint   NOT NULL,
    hashes bytea    NOT NULL CHECK (octet_length(hashes) = 8192),
    root   bytea    NOT NULL CHECK (octet_length(root) = 32),
    PRIMARY KEY (level, n)
);
ALTER TABLE ledger.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;  -- hashes do not compress

-- One signed checkpoint for each transaction that appended.
CREATE TABLE ledger.checkpoints (
    size bigint PRIMARY KEY REFERENCES ledger.events (notification_id),
    note text   NOT NULL
);

CREATE FUNCTION ledger.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'ledger.% is append-only: % refused | 账本只可追加：拒绝 %', TG_TABLE_NAME, TG_OP, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.events
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.tiles
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.checkpoints
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT USAGE ON SCHEMA ledger TO jiannuo_writer, jiannuo_reader;
GRANT SELECT, INSERT ON ledger.events, ledger.tiles, ledger.checkpoints TO jiannuo_writer;
GRANT SELECT ON ledger.events, ledger.tiles, ledger.checkpoints TO jiannuo_reader;
