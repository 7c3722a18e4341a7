-- Screenings: who asked what for, when, about how many and with what result (G04, F15), never about whom; and which
-- matches of a name an office ruled out, for good or until it takes that back.
CREATE TABLE ledger.screenings (
    number    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL,
    audience  text NOT NULL CHECK (audience IN ('public', 'office')),
    asked_by  text COLLATE "C",           -- the office that the caller says it is (USCC)
    reference text,                       -- letter or case number, as the caller gives it
    purpose   text COLLATE "C" NOT NULL,
    day       date NOT NULL,              -- the day that was asked for
    size      bigint NOT NULL,            -- entries of the log that the answer rests on
    subjects  int NOT NULL,
    block     int NOT NULL,
    caution   int NOT NULL,
    unknown   int NOT NULL,
    clear     int NOT NULL,
    answer    text COLLATE "C" NOT NULL   -- SHA-256 of the signed answer, hex
);
CREATE INDEX ON ledger.screenings (at);

-- The name is kept as the SHA-256 of the form in which names are compared: enough to know it again.
CREATE TABLE ledger.ruled_out (
    number  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name    text COLLATE "C" NOT NULL,
    body    text COLLATE "C" NOT NULL,    -- whom the name does not mean
    reason  text NOT NULL,
    by      text COLLATE "C" NOT NULL,    -- the office that says so
    at      timestamptz NOT NULL,
    revokes bigint UNIQUE REFERENCES ledger.ruled_out  -- set: takes that back, and says nothing else
);
CREATE INDEX ON ledger.ruled_out (name, body);

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.screenings
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger.ruled_out
    FOR EACH STATEMENT EXECUTE FUNCTION ledger.refuse_change();

GRANT SELECT, INSERT ON ledger.screenings, ledger.ruled_out TO jiannuo_writer;
GRANT SELECT ON ledger.screenings, ledger.ruled_out TO jiannuo_reader;
