-- Which master key wraps the vault's new data keys: the newest row. Empty until the master key is changed for the first
-- time; every row of vault.keys names its own.
CREATE TABLE vault.masters (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id     text   COLLATE "C" NOT NULL,
    since  timestamptz NOT NULL DEFAULT now()
);

GRANT SELECT, INSERT ON vault.masters TO jiannuo_writer;
