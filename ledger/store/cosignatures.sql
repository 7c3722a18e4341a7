-- What witnesses signed of the log's checkpoints (C2SP tlog-cosignature): a line each, to be put under the stored note.
-- Lines are added when they come, after the checkpoint was committed; one may be missing, none is ever changed.
CREATE TABLE ledger.cosignatures (
    size    bigint NOT NULL REFERENCES ledger.checkpoints,
    witness text   COLLATE "C" NOT NULL,  -- the witness's verifier key (vkey)
    line    text   NOT NULL,              -- the signature line, with its newline
    PRIMARY KEY (size, witness)
);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.cosignatures
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON ledger.cosignatures TO jiannuo_writer;
GRANT SELECT ON ledger.cosignatures TO jiannuo_reader;
