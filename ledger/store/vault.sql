-- The vault: what opens the sealed fields of events, encrypted. A schema of its own, so that the log can be handed to an
-- auditor, copied and backed up without it. The reader's role cannot look into it.
CREATE SCHEMA vault;

CREATE TABLE vault.keys (
    stream  text  COLLATE "C" PRIMARY KEY,
    master  text  NOT NULL,  -- the id of the master key that wraps this stream's data key
    wrapped bytea NOT NULL CHECK (octet_length(wrapped) = 60)  -- nonce, AES-256 key, tag
);

CREATE TABLE vault.openings (
    stream text  COLLATE "C" NOT NULL REFERENCES vault.keys,
    digest text  COLLATE "C" NOT NULL,  -- as in `_sd` of the event
    box    bytea NOT NULL CHECK (octet_length(box) > 28),  -- nonce, disclosure, tag
    PRIMARY KEY (stream, digest)
);

GRANT USAGE ON SCHEMA vault TO jiannuo_writer;
GRANT SELECT, INSERT ON vault.keys, vault.openings TO jiannuo_writer;
