-- What coordinators load and hosts sweep.

-- name: ReadDag
SELECT {dag_columns} FROM dag d WHERE d.dag_id = $1

-- name: ReadOpenRuns
SELECT {run_columns} FROM dag_run r
WHERE r.dag_id = $1 AND (r.state IN ('queued', 'running') OR r.unreported)
ORDER BY r.created_at, r.logical_date, r.run_id

-- name: ReadVersion
SELECT {version_columns} FROM dag_version v WHERE v.hash = $1

-- name: ReadRun
SELECT {run_columns} FROM dag_run r WHERE r.run_id = $1

-- name: ReadTasks
SELECT {task_columns} FROM task_instance t WHERE t.run_id = $1 ORDER BY t.run_id, t.task_id, t.map_index

-- name: ReadTask
SELECT {task_columns} FROM task_instance t WHERE t.run_id = $1 AND t.task_id = $2 AND t.map_index = $3

-- name: ReadAttempts
SELECT {attempt_columns} FROM task_attempt a
WHERE a.run_id = $1 AND a.task_id = $2 AND a.map_index = $3
ORDER BY a.epoch

-- name: ReadPool
SELECT {pool_columns} FROM pool p WHERE p.name = $1

-- name: ReadLimits
SELECT key, slots, used FROM limit_counter WHERE key = ANY($1) ORDER BY key

-- name: ReadWaiters
SELECT t.run_id, t.task_id, t.map_index, r.dag_id, t.priority, t.logical_date, t.pool_slots
FROM task_instance t JOIN dag_run r ON r.run_id = t.run_id
WHERE t.waits_in = $1
ORDER BY t.priority DESC, t.logical_date, t.map_index, t.run_id, t.task_id
LIMIT $2

-- name: ReadXcoms
SELECT {xcom_columns} FROM xcom x
WHERE x.run_id = $1 AND x.task_id = ANY($2)
ORDER BY x.task_id, x.map_index, x.key

-- name: ReadArtifacts
SELECT {artifact_columns} FROM artifact f
WHERE f.run_id = $1 AND f.task_id = ANY($2)
ORDER BY f.task_id, f.map_index, f.name

-- name: ReadCheckpoint
SELECT {checkpoint_columns} FROM checkpoint c WHERE c.run_id = $1 AND c.task_id = $2 AND c.map_index = $3

-- name: ReadRequests
SELECT {request_columns} FROM request q WHERE q.request_id = ANY($1) ORDER BY q.request_id

-- name: ForgetRequests
DELETE FROM request WHERE request_id = ANY(ARRAY(SELECT request_id FROM request WHERE at < $1 ORDER BY at, request_id LIMIT $2))

-- The kinds are those of RowKind. Each branch reads no more than the page from its own index.
-- name: ReadDue
SELECT kind, id, task_id, map_index, version FROM (
  (SELECT 1 AS kind, dag_id AS id, '' COLLATE "C" AS task_id, -1 AS map_index, version, wake_at
   FROM dag WHERE wake_at <= $1 ORDER BY wake_at, dag_id LIMIT $2)
  UNION ALL
  (SELECT 2, run_id, '' COLLATE "C", -1, version, wake_at
   FROM dag_run WHERE wake_at <= $1 ORDER BY wake_at, run_id LIMIT $2)
  UNION ALL
  (SELECT 3, run_id, task_id, map_index, version, wake_at
   FROM task_instance WHERE wake_at <= $1 ORDER BY wake_at, run_id, task_id, map_index LIMIT $2)
) AS due
ORDER BY wake_at, kind, id, task_id, map_index
LIMIT $2

-- name: ReadUnreportedTasks
SELECT run_id, task_id, map_index, state, epoch, version FROM task_instance
WHERE unreported AND ended_at < $1
ORDER BY ended_at, run_id, task_id, map_index
LIMIT $2

-- name: ReadUnreportedRuns
SELECT dag_id, run_id, version FROM dag_run
WHERE unreported AND ended_at < $1
ORDER BY ended_at, run_id
LIMIT $2

-- name: ReadLiveRuns
SELECT r.run_id FROM dag_run r
WHERE r.state IN ('queued', 'running')
  AND ($1::text IS NULL OR (r.created_at, r.run_id) > (SELECT b.created_at, b.run_id FROM dag_run b WHERE b.run_id = $1))
ORDER BY r.created_at, r.run_id
LIMIT $2

-- name: ReadLiveAttempts
SELECT {attempt_columns} FROM task_attempt a
WHERE a.place IS NOT NULL AND ($1::text IS NULL OR a.run_id = $1)
ORDER BY a.run_id, a.task_id, a.map_index, a.epoch

-- name: ReadLimitDrift
SELECT key, slots, used, counted FROM (SELECT key, slots, used, limit_counted(key) AS counted FROM limit_counter) AS l
WHERE used <> counted
ORDER BY key

-- name: ReadOutbox
SELECT {outbox_columns} FROM outbox o WHERE NOT o.given_up AND o.due_at <= $1 ORDER BY o.due_at, o.id LIMIT $2

-- name: CompleteOutbox
DELETE FROM outbox WHERE id = $1

-- name: DeferOutbox
UPDATE outbox SET failures = failures + 1, last_error = $2, due_at = coalesce($3::timestamptz, due_at), given_up = $3 IS NULL
WHERE id = $1
