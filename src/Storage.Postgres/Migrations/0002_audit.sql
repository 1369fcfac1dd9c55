-- Every command leaves a row of history that says who gave it, from where, and by which request; commands to pools too. The previous
-- release goes on writing rows of DAGs without the new columns, and reads only rows of runs.

ALTER TABLE task_event
  ALTER COLUMN dag_id DROP NOT NULL,
  ADD COLUMN pool text COLLATE "C",
  ADD COLUMN address text,
  ADD COLUMN request_id text COLLATE "C",
  -- Not looked for in what is there: all of it is of DAGs, and the table may be large.
  ADD CONSTRAINT events_are_of_a_dag_or_of_a_pool CHECK (num_nonnulls(dag_id, pool) = 1) NOT VALID;
COMMENT ON COLUMN task_event.address IS 'From where the command came; null: from the host itself.';

-- Recorded answers are removed by their age.
CREATE INDEX request_age ON request (at, request_id);
