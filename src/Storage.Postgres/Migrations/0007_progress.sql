-- How far running attempts say they are, for the other hosts to see. A hint: the table is in no write-ahead log, so that a crash of PostgreSQL empties
-- it, and it refers to no row of a task, which a reference would lock against its commits. What an attempt has said goes with it; of one that ended
-- with its host nothing is shown, and the next host that starts takes it out.

CREATE UNLOGGED TABLE task_progress (
  run_id text COLLATE "C" NOT NULL,
  task_id text COLLATE "C" NOT NULL,
  map_index integer NOT NULL,
  epoch integer NOT NULL CHECK (epoch >= 1),
  fraction double precision CHECK (fraction BETWEEN 0 AND 1),
  message text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (run_id, task_id, map_index)
) WITH (fillfactor = 50);
