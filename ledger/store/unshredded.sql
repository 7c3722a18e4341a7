-- The server gathers samples of what columns hold (pg_statistic), which outlive the rows: none of keys and openings. The
-- second step of each drops what was gathered.
ALTER TABLE vault.keys ALTER COLUMN wrapped SET STATISTICS 0, ALTER COLUMN wrapped TYPE bytea;
ALTER TABLE vault.openings ALTER COLUMN box SET STATISTICS 0, ALTER COLUMN box TYPE bytea;

-- A row for each deletion whose bytes may still be in the tables' files; gone when the tables were rewritten.
CREATE TABLE vault.unshredded (number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY);

GRANT SELECT, INSERT ON vault.unshredded TO jiannuo_writer;
