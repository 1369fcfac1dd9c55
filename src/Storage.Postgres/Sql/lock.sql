-- The first round trip of a batch: the fence, then rows and limits in key order.

-- name: CheckFence
SELECT epoch FROM host WHERE host_id = $1 FOR SHARE

-- name: LockDags
SELECT dag_id, version FROM dag WHERE dag_id = ANY($1::text[]) ORDER BY dag_id FOR NO KEY UPDATE

-- name: LockRuns
SELECT run_id, version FROM dag_run WHERE run_id = ANY($1::text[]) ORDER BY run_id FOR NO KEY UPDATE

-- name: LockTasks
SELECT t.run_id, t.task_id, t.map_index, t.version
FROM unnest($1::text[], $2::text[], $3::integer[]) AS u (run_id, task_id, map_index)
JOIN task_instance t ON t.run_id = u.run_id AND t.task_id = u.task_id AND t.map_index = u.map_index
ORDER BY t.run_id, t.task_id, t.map_index
FOR NO KEY UPDATE OF t

-- name: LockPools
SELECT name, version FROM pool WHERE name = ANY($1::text[]) ORDER BY name FOR NO KEY UPDATE

-- name: LockLimits
SELECT key, slots, used FROM limit_counter WHERE key = ANY($1::text[]) ORDER BY key FOR NO KEY UPDATE
