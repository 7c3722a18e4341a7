-- Subscriptions to webhooks: where what is to be told, and how far it was. They are no events: who wants to be told of
-- what is public is nobody's business, and ends when it is ended. docs/feeds.md
CREATE TABLE ledger.subscriptions (
    id         uuid PRIMARY KEY,
    token_hash text COLLATE "C" NOT NULL,  -- SHA-256 of the token that its owner has, hex
    url        text NOT NULL,
    topic      text COLLATE "C" NOT NULL,  -- bodies/<id>, areas/<area>, regions/<code>, takedowns
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    position   bigint NOT NULL,            -- entries of the log that it was told of
    failures   int NOT NULL DEFAULT 0,     -- attempts that failed since the last that did not
    next_try   timestamptz,                -- not before; NULL: at once
    disabled   text                        -- why nothing is sent any more; NULL: it is
);
CREATE INDEX ON ledger.subscriptions (expires_at);

-- What was told and may have to be taken back: messages about cases that do not stay public.
CREATE TABLE ledger.told (
    subscription uuid   NOT NULL REFERENCES ledger.subscriptions ON DELETE CASCADE,
    log_index    bigint NOT NULL,
    message      text   COLLATE "C" NOT NULL,  -- its webhook-id
    PRIMARY KEY (subscription, log_index)
);

-- Messages that were given up.
CREATE TABLE ledger.dead_letters (
    subscription uuid NOT NULL REFERENCES ledger.subscriptions ON DELETE CASCADE,
    message      text COLLATE "C" NOT NULL,
    at           timestamptz NOT NULL,
    tries        int  NOT NULL,
    reason       text NOT NULL,                -- a code, nothing that a receiver wrote
    PRIMARY KEY (subscription, message)
);

GRANT SELECT, INSERT, DELETE ON ledger.subscriptions, ledger.told, ledger.dead_letters TO jiannuo_writer;
GRANT UPDATE (position, failures, next_try, disabled, expires_at) ON ledger.subscriptions TO jiannuo_writer;
