-- The read models: what people ask.

-- name: ListDags
SELECT {dag_columns} FROM dag d ORDER BY d.dag_id

-- name: CountRunsByState
SELECT dag_id, state, count(*)::integer FROM dag_run GROUP BY dag_id, state

-- name: LatestRunPerDag
SELECT {run_columns} FROM dag d
CROSS JOIN LATERAL (
  SELECT * FROM dag_run l WHERE l.dag_id = d.dag_id ORDER BY l.created_at DESC, l.logical_date DESC, l.run_id DESC LIMIT 1
) AS r

-- name: ListVersions
SELECT {version_columns} FROM dag_version v WHERE v.dag_id = $1 ORDER BY v.created_at DESC, v.hash DESC

-- name: ListRuns
SELECT {run_columns} FROM dag_run r
WHERE ($1::text IS NULL OR r.dag_id = $1)
  AND ($2::text[] IS NULL OR r.state = ANY($2))
  AND ($3::timestamptz IS NULL OR r.created_at >= $3)
  AND r.created_at <= coalesce($5::timestamptz, 'infinity')
  AND ($5::timestamptz IS NULL OR (r.created_at, r.logical_date, r.run_id) < ($5, $6::timestamptz, $7::text))
ORDER BY r.created_at DESC, r.logical_date DESC, r.run_id DESC
LIMIT $4

-- name: CountTasksByState
SELECT run_id, state, count(*)::integer FROM task_instance WHERE run_id = ANY($1) GROUP BY run_id, state

-- name: LatestRun
SELECT r.run_id FROM dag_run r
WHERE $1::text IS NULL OR r.dag_id = $1
ORDER BY r.created_at DESC, r.logical_date DESC, r.run_id DESC
LIMIT 1

-- name: ListAttempts
SELECT {attempt_columns} FROM task_attempt a WHERE a.run_id = $1 ORDER BY a.run_id, a.task_id, a.map_index, a.epoch

-- name: ListArtifacts
SELECT {artifact_columns} FROM artifact f WHERE f.run_id = $1 ORDER BY f.task_id, f.map_index, f.name

-- name: ListHistory
SELECT {history_columns} FROM task_event e
WHERE e.run_id = $1 AND e.sequence > $2 AND ($3::text IS NULL OR e.task_id = $3)
ORDER BY e.run_id, e.sequence
LIMIT $4

-- name: ListPools
SELECT {pool_columns},
  coalesce((SELECT l.used FROM limit_counter l WHERE l.key = 'pool/' || p.name), 0),
  (SELECT count(*)::integer FROM task_instance t WHERE t.waits_in = p.name)
FROM pool p
ORDER BY p.name
