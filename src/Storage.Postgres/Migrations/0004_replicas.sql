-- Hosts that are up, and how they reach each other. Hosts of the release before write none of it and are not disturbed.

ALTER TABLE installation
  ADD COLUMN peer_secret text NOT NULL DEFAULT replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
COMMENT ON COLUMN installation.peer_secret IS 'What the hosts of this database prove to each other that they are.';

CREATE TABLE replica (
  host_id text COLLATE "C" PRIMARY KEY,
  engine text NOT NULL CHECK (engine IN ('embedded', 'cluster')),
  state text NOT NULL CHECK (state IN ('standby', 'active', 'leaving')),
  address text NOT NULL,
  version text NOT NULL,
  since timestamptz NOT NULL,
  started_at timestamptz NOT NULL,
  until timestamptz NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE replica IS 'What hosts that are up say of themselves, for people and for each other. Who is in charge stands in host alone.';
COMMENT ON COLUMN replica.since IS 'Since when it is in this state.';
COMMENT ON COLUMN replica.until IS 'Until when its word is good, unless it says it again.';
