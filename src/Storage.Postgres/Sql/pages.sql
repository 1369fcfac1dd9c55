-- The read models a page at a time, by key.

-- name: PageDags
-- The specification is only looked into where something of it is asked for.
SELECT {dag_columns} FROM dag d
WHERE ($1::text IS NULL OR d.dag_id = $1)
  AND ($2::boolean IS NULL OR d.paused = $2)
  AND ($3::text IS NULL OR d.dag_id > $3)
  AND (($5::text IS NULL AND $6::text[] IS NULL) OR EXISTS (
    SELECT FROM dag_version v
    WHERE v.hash = d.current_hash
      AND ($5 IS NULL OR v.spec->>'owner' = $5)
      AND ($6 IS NULL OR $6 <@ ARRAY(SELECT json_array_elements_text(v.spec->'tags')))))
ORDER BY d.dag_id
LIMIT $4

-- name: CountRunsOfDags
SELECT dag_id, state, count(*)::integer FROM dag_run WHERE dag_id = ANY($1) GROUP BY dag_id, state

-- name: LatestRunsOfDags
SELECT {run_columns} FROM dag d
CROSS JOIN LATERAL (
  SELECT * FROM dag_run l WHERE l.dag_id = d.dag_id ORDER BY l.created_at DESC, l.logical_date DESC, l.run_id DESC LIMIT 1
) AS r
WHERE d.dag_id = ANY($1)

-- name: PageVersions
SELECT v.hash, v.created_at FROM dag_version v
WHERE v.dag_id = $1
  AND ($2::timestamptz IS NULL OR (v.created_at, v.hash) < ($2, $3::text))
ORDER BY v.created_at DESC, v.hash DESC
LIMIT $4

-- name: PageTasks
SELECT {task_columns} FROM task_instance t
WHERE t.run_id = $1
  AND ($2::text IS NULL OR t.task_id = $2)
  AND ($3::integer IS NULL OR t.map_index = $3)
  AND ($4::text[] IS NULL OR t.state = ANY($4))
  AND ($5::text IS NULL OR (t.task_id, t.map_index) > ($5, $6::integer))
ORDER BY t.task_id, t.map_index
LIMIT $7

-- name: FindTasks
SELECT {task_columns}
FROM unnest($2::text[], $3::integer[]) AS u (task_id, map_index)
JOIN task_instance t ON t.run_id = $1 AND t.task_id = u.task_id AND t.map_index = u.map_index
ORDER BY t.task_id, t.map_index

-- name: AttemptsOfTasks
SELECT {attempt_columns}
FROM unnest($2::text[], $3::integer[]) AS u (task_id, map_index)
JOIN task_attempt a ON a.run_id = $1 AND a.task_id = u.task_id AND a.map_index = u.map_index
ORDER BY a.task_id, a.map_index, a.epoch

-- name: ArtifactsOfTasks
SELECT {artifact_columns}
FROM unnest($2::text[], $3::integer[]) AS u (task_id, map_index)
JOIN artifact f ON f.run_id = $1 AND f.task_id = u.task_id AND f.map_index = u.map_index
ORDER BY f.task_id, f.map_index, f.name

-- name: ReadTaskVersions
SELECT t.run_id, t.task_id, t.map_index, t.version, p.at FROM task_instance t
LEFT JOIN task_progress p
  ON p.run_id = $1 AND p.task_id = t.task_id AND p.map_index = t.map_index AND p.epoch = t.epoch AND t.state = 'running'
WHERE t.run_id = $1
ORDER BY t.task_id, t.map_index

-- name: PageArtifacts
SELECT {artifact_columns} FROM artifact f
WHERE f.run_id = $1
  AND ($2::text IS NULL OR f.task_id = $2)
  AND ($3::integer IS NULL OR f.map_index = $3)
  AND ($4::text IS NULL OR f.name = $4)
  AND ($5::text IS NULL OR (f.task_id, f.map_index, f.name) > ($5, $6::integer, $7::text))
ORDER BY f.task_id, f.map_index, f.name
LIMIT $8

-- name: PageXcoms
SELECT {xcom_columns} FROM xcom x
WHERE x.run_id = $1
  AND ($2::text IS NULL OR x.task_id = $2)
  AND ($3::integer IS NULL OR x.map_index = $3)
  AND ($4::text IS NULL OR x.key = $4)
  AND ($5::text IS NULL OR (x.task_id, x.map_index, x.key) > ($5, $6::integer, $7::text))
ORDER BY x.task_id, x.map_index, x.key
LIMIT $8

-- The greatest number given to an event so far, whether or not it is committed.
-- name: LastSequence
SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM task_event_sequence_seq

-- The transactions: all before the first have ended, none from the second on had begun.
-- name: Transactions
SELECT pg_snapshot_xmin(s)::text::bigint, pg_snapshot_xmax(s)::text::bigint FROM pg_current_snapshot() AS s
