-- The tables of OrleansFlow. Ids compare by their bytes (COLLATE "C"), as the program compares them. Columns of type json keep
-- their text byte for byte. Generated columns stand in for states in partial indexes, so that a change of state that does not
-- enter or leave an index stays a heap-only update.

CREATE TABLE installation (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  engine text CHECK (engine IN ('embedded', 'cluster')),
  created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE installation IS 'One row: who this installation is, and which engine is in charge of it.';
INSERT INTO installation DEFAULT VALUES;

CREATE SEQUENCE host_epoch;
CREATE TABLE host (
  host_id text COLLATE "C" PRIMARY KEY,
  epoch bigint NOT NULL CHECK (epoch >= 1),
  engine text NOT NULL CHECK (engine IN ('embedded', 'cluster')),
  until timestamptz NOT NULL,
  registered_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
COMMENT ON TABLE host IS 'The hosts in charge. Every batch locks its row FOR SHARE; a host without its row and epoch is fenced.';

CREATE TABLE dag (
  dag_id text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL CHECK (version >= 1),
  current_hash text COLLATE "C",
  source_file text,
  paused boolean NOT NULL,
  activated_at timestamptz,
  last_logical_date timestamptz,
  wake_at timestamptz
) WITH (fillfactor = 70);
CREATE INDEX dag_due ON dag (wake_at) WHERE wake_at IS NOT NULL;

CREATE TABLE dag_version (
  hash text COLLATE "C" PRIMARY KEY,
  dag_id text COLLATE "C" NOT NULL REFERENCES dag,
  spec json NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (dag_id, hash)
);
ALTER TABLE dag ADD CONSTRAINT dag_current_version
  FOREIGN KEY (dag_id, current_hash) REFERENCES dag_version (dag_id, hash) DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE dag_run (
  run_id text COLLATE "C" PRIMARY KEY,
  dag_id text COLLATE "C" NOT NULL REFERENCES dag,
  version_hash text COLLATE "C" NOT NULL,
  version bigint NOT NULL CHECK (version >= 1),
  kind text NOT NULL CHECK (kind IN ('manual', 'scheduled', 'backfill')),
  state text NOT NULL CHECK (state IN ('queued', 'running', 'success', 'failed', 'cancelled')),
  detail text,
  logical_date timestamptz NOT NULL,
  data_interval_start timestamptz NOT NULL,
  data_interval_end timestamptz NOT NULL CHECK (data_interval_end >= data_interval_start),
  params json NOT NULL,
  source_file text,
  created_at timestamptz NOT NULL,
  started_at timestamptz,
  ended_at timestamptz,
  wake_at timestamptz,
  cancel_requested boolean NOT NULL,
  timed_out boolean NOT NULL,
  tasks_created integer NOT NULL CHECK (tasks_created >= 0),
  unreported boolean NOT NULL,
  FOREIGN KEY (dag_id, version_hash) REFERENCES dag_version (dag_id, hash),
  CONSTRAINT finished_runs_have_ended CHECK ((state IN ('success', 'failed', 'cancelled')) = (ended_at IS NOT NULL)),
  CONSTRAINT unreported_runs_are_finished CHECK (NOT unreported OR state IN ('success', 'failed', 'cancelled'))
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX one_run_per_due_fire ON dag_run (dag_id, logical_date) WHERE kind IN ('scheduled', 'backfill');
CREATE INDEX dag_run_live ON dag_run (created_at, run_id) WHERE state IN ('queued', 'running');
CREATE INDEX dag_run_open ON dag_run (dag_id) WHERE state IN ('queued', 'running') OR unreported;
CREATE INDEX dag_run_unreported ON dag_run (ended_at) WHERE unreported;
CREATE INDEX dag_run_due ON dag_run (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX dag_run_latest ON dag_run (created_at, logical_date, run_id);
CREATE INDEX dag_run_latest_of_dag ON dag_run (dag_id, created_at, logical_date, run_id);

CREATE TABLE task_instance (
  run_id text COLLATE "C" NOT NULL REFERENCES dag_run,
  task_id text COLLATE "C" NOT NULL,
  map_index integer NOT NULL CHECK (map_index >= -1),
  version bigint NOT NULL CHECK (version >= 1),
  state text NOT NULL CHECK (state IN ('none', 'scheduled', 'queued', 'running', 'success', 'failed', 'skipped',
    'upstream_failed', 'up_for_retry', 'up_for_reschedule', 'deferred', 'restarting', 'removed')),
  reason text NOT NULL,
  detail text,
  epoch integer NOT NULL CHECK (epoch >= 0),
  fence integer NOT NULL CHECK (fence >= 0),
  retries_used integer NOT NULL CHECK (retries_used >= 0),
  infra_retries_used integer NOT NULL CHECK (infra_retries_used >= 0),
  launch_retries_used integer NOT NULL CHECK (launch_retries_used >= 0),
  unknown_retries_used integer NOT NULL CHECK (unknown_retries_used >= 0),
  wake_at timestamptz,
  scheduled_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  unreported boolean NOT NULL,
  pool text COLLATE "C" NOT NULL,
  pool_slots integer NOT NULL CHECK (pool_slots >= 1),
  priority bigint NOT NULL,
  map_item json,
  logical_date timestamptz,
  waits_in text COLLATE "C" GENERATED ALWAYS AS
    (CASE WHEN state = 'scheduled' THEN pool END) STORED,
  PRIMARY KEY (run_id, task_id, map_index),
  CONSTRAINT fence_within_epochs CHECK (fence <= epoch + 1),
  CONSTRAINT finished_tasks_have_ended
    CHECK ((state IN ('success', 'failed', 'skipped', 'upstream_failed', 'removed')) = (ended_at IS NOT NULL)),
  CONSTRAINT unreported_tasks_are_finished CHECK (NOT unreported OR ended_at IS NOT NULL),
  CONSTRAINT only_mapped_tasks_have_items CHECK (map_index >= 0 OR map_item IS NULL)
) WITH (fillfactor = 70);
COMMENT ON COLUMN task_instance.logical_date IS 'Copied from its run: the order of waiters.';
COMMENT ON COLUMN task_instance.waits_in IS 'The pool whose slots it waits for.';
CREATE INDEX task_instance_due ON task_instance (wake_at) WHERE wake_at IS NOT NULL;
CREATE INDEX task_instance_unreported ON task_instance (ended_at) WHERE unreported;
CREATE INDEX task_instance_waiters ON task_instance (waits_in, priority DESC, logical_date, map_index, run_id, task_id)
  WHERE waits_in IS NOT NULL;

CREATE TABLE task_attempt (
  run_id text COLLATE "C" NOT NULL,
  task_id text COLLATE "C" NOT NULL,
  map_index integer NOT NULL,
  epoch integer NOT NULL CHECK (epoch >= 1),
  uid uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('dispatching', 'held', 'running', 'leaving', 'succeeded', 'failed', 'lost',
    'superseded', 'cancelled')),
  cause text CHECK (cause IN ('application', 'oom', 'stopped', 'preempted', 'node_lost', 'host_lost', 'launch', 'unknown',
    'timeout', 'cancelled')),
  exit_code integer,
  stop text CHECK (stop IN ('cancel', 'timeout', 'clear', 'run_timeout')),
  created_at timestamptz NOT NULL,
  started_at timestamptz,
  ended_at timestamptz,
  backend text,
  node text,
  checkpoint bigint,
  evidence json,
  place text GENERATED ALWAYS AS
    (CASE WHEN state IN ('dispatching', 'held') THEN 'starting' WHEN state IN ('running', 'leaving') THEN 'working' END) STORED,
  PRIMARY KEY (run_id, task_id, map_index, epoch),
  FOREIGN KEY (run_id, task_id, map_index) REFERENCES task_instance,
  CONSTRAINT finished_attempts_have_ended
    CHECK ((state IN ('succeeded', 'failed', 'lost', 'superseded', 'cancelled')) = (ended_at IS NOT NULL)),
  CONSTRAINT causes_belong_to_bad_ends CHECK (cause IS NULL OR state IN ('failed', 'lost', 'superseded', 'cancelled'))
) WITH (fillfactor = 80);
COMMENT ON COLUMN task_attempt.place IS 'A task has one attempt at work and one on its way, at most.';
CREATE UNIQUE INDEX one_live_attempt_per_place ON task_attempt (run_id, task_id, map_index, place) WHERE place IS NOT NULL;

CREATE TABLE task_event (
  sequence bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL,
  dag_id text COLLATE "C" NOT NULL,
  run_id text COLLATE "C",
  task_id text COLLATE "C",
  map_index integer NOT NULL,
  epoch integer NOT NULL,
  kind text NOT NULL,
  reason text,
  detail text,
  actor text
);
CREATE INDEX task_event_of_run ON task_event (run_id, sequence);

CREATE TABLE xcom (
  run_id text COLLATE "C" NOT NULL,
  task_id text COLLATE "C" NOT NULL,
  map_index integer NOT NULL,
  key text COLLATE "C" NOT NULL,
  epoch integer NOT NULL,
  value json NOT NULL,
  PRIMARY KEY (run_id, task_id, map_index, key),
  FOREIGN KEY (run_id, task_id, map_index, epoch) REFERENCES task_attempt
);

CREATE TABLE artifact (
  run_id text COLLATE "C" NOT NULL,
  task_id text COLLATE "C" NOT NULL,
  map_index integer NOT NULL,
  name text COLLATE "C" NOT NULL,
  epoch integer NOT NULL,
  size bigint NOT NULL CHECK (size >= 0),
  sha256 text NOT NULL,
  uri text NOT NULL,
  PRIMARY KEY (run_id, task_id, map_index, name),
  FOREIGN KEY (run_id, task_id, map_index, epoch) REFERENCES task_attempt
);

CREATE TABLE checkpoint (
  run_id text COLLATE "C" NOT NULL,
  task_id text COLLATE "C" NOT NULL,
  map_index integer NOT NULL,
  epoch integer NOT NULL,
  number bigint NOT NULL,
  uri text NOT NULL,
  PRIMARY KEY (run_id, task_id, map_index),
  FOREIGN KEY (run_id, task_id, map_index, epoch) REFERENCES task_attempt
);

CREATE TABLE pool (
  name text COLLATE "C" PRIMARY KEY,
  slots integer NOT NULL CHECK (slots >= 0),
  description text,
  version bigint NOT NULL CHECK (version >= 1)
);

CREATE TABLE limit_counter (
  key text COLLATE "C" PRIMARY KEY,
  slots integer NOT NULL CHECK (slots >= 0),
  used integer NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE limit_counter IS
  'What is taken of each limit: pool/NAME, dag/ID, run/ID, task/DAG/TASK, global. A limit that nobody set has no row.';

CREATE FUNCTION limit_counted(key text) RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT CASE split_part(key, '/', 1)
    WHEN 'dag' THEN (
      SELECT count(*) FROM dag_run r WHERE r.dag_id = substr(key, 5) AND r.state = 'running')
    WHEN 'run' THEN (
      SELECT count(*) FROM dag_run r JOIN task_instance t USING (run_id)
      WHERE r.run_id = substr(key, 5) AND r.state IN ('queued', 'running') AND t.state IN ('queued', 'running', 'restarting'))
    WHEN 'task' THEN (
      SELECT count(*) FROM dag_run r JOIN task_instance t USING (run_id)
      WHERE r.dag_id = split_part(key, '/', 2) AND t.task_id = split_part(key, '/', 3)
        AND r.state IN ('queued', 'running') AND t.state IN ('queued', 'running', 'restarting'))
    WHEN 'pool' THEN (
      SELECT coalesce(sum(t.pool_slots), 0) FROM dag_run r JOIN task_instance t USING (run_id)
      WHERE t.pool = substr(key, 6)
        AND r.state IN ('queued', 'running') AND t.state IN ('queued', 'running', 'restarting'))
    WHEN 'paused' THEN (
      SELECT count(*) FROM dag_run r JOIN task_instance t USING (run_id)
      WHERE r.dag_id = substr(key, 8) AND r.state IN ('queued', 'running') AND t.state IN ('queued', 'running', 'restarting'))
    WHEN 'global' THEN (
      SELECT count(*) FROM dag_run r JOIN task_instance t USING (run_id)
      WHERE r.state IN ('queued', 'running') AND t.state IN ('queued', 'running', 'restarting'))
    ELSE 0
  END::integer
$$;
COMMENT ON FUNCTION limit_counted IS 'What a limit would have used if it were counted from the rows of unfinished runs.';

INSERT INTO pool (name, slots, version) VALUES ('default', 128, 1);
INSERT INTO limit_counter (key, slots, used) VALUES ('pool/default', 128, 0);

CREATE TABLE request (
  request_id text COLLATE "C" PRIMARY KEY,
  command text NOT NULL,
  reply json NOT NULL,
  at timestamptz NOT NULL
);
COMMENT ON TABLE request IS 'The recorded answers to commands.';

CREATE TABLE outbox (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('webhook', 'command')),
  payload json NOT NULL,
  run_id text COLLATE "C" NOT NULL REFERENCES dag_run,
  due_at timestamptz NOT NULL,
  failures integer NOT NULL CHECK (failures >= 0),
  last_error text,
  given_up boolean NOT NULL DEFAULT false
);
CREATE INDEX outbox_due ON outbox (due_at, id) WHERE NOT given_up;
