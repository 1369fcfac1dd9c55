-- How far running attempts say they are.

-- name: WriteProgress
INSERT INTO task_progress AS p (run_id, task_id, map_index, epoch, fraction, message, at)
SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::double precision[], $6::text[], $7::timestamptz[])
ON CONFLICT (run_id, task_id, map_index) DO UPDATE
SET epoch = excluded.epoch, fraction = excluded.fraction, message = excluded.message, at = excluded.at
WHERE p.epoch <= excluded.epoch

-- name: RemoveProgress
DELETE FROM task_progress p
USING unnest($1::text[], $2::text[], $3::integer[], $4::integer[]) AS u (run_id, task_id, map_index, epoch)
WHERE p.run_id = u.run_id AND p.task_id = u.task_id AND p.map_index = u.map_index AND p.epoch = u.epoch

-- name: PruneProgress
DELETE FROM task_progress p
WHERE NOT EXISTS (
  SELECT FROM task_instance t
  WHERE t.run_id = p.run_id AND t.task_id = p.task_id AND t.map_index = p.map_index AND t.epoch = p.epoch AND t.state = 'running')

-- name: ProgressOfRun
SELECT {progress_columns} FROM task_progress p WHERE p.run_id = $1

-- name: ProgressOfTasks
SELECT {progress_columns}
FROM unnest($2::text[], $3::integer[]) AS u (task_id, map_index)
JOIN task_progress p ON p.run_id = $1 AND p.task_id = u.task_id AND p.map_index = u.map_index
