-- What hosts that are up have in memory, and why they leave. Hosts of the release before write none of it and are not disturbed.

ALTER TABLE replica
  ADD COLUMN live_dags integer,
  ADD COLUMN live_runs integer,
  ADD COLUMN live_tasks integer,
  ADD COLUMN live_pools integer,
  ADD COLUMN notice text,
  ADD COLUMN noticed_at timestamptz,
  ADD CONSTRAINT replica_live CHECK (
    num_nulls(live_dags, live_runs, live_tasks, live_pools) IN (0, 4)
    AND live_dags >= 0 AND live_runs >= 0 AND live_tasks >= 0 AND live_pools >= 0),
  ADD CONSTRAINT replica_notice CHECK ((notice IS NULL) = (noticed_at IS NULL));
COMMENT ON COLUMN replica.live_dags IS 'How many coordinators (in a cluster: grains) of DAGs it has in memory; likewise of runs, task instances and pools.';
COMMENT ON COLUMN replica.notice IS 'What told it to leave.';
