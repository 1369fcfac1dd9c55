-- What a batch writes. Each statement takes one array per column: one row per element.

-- name: DropXcoms
DELETE FROM xcom x
USING unnest($1::text[], $2::text[], $3::integer[]) AS u (run_id, task_id, map_index)
WHERE x.run_id = u.run_id AND x.task_id = u.task_id AND x.map_index = u.map_index

-- name: DropArtifacts
DELETE FROM artifact a
USING unnest($1::text[], $2::text[], $3::integer[]) AS u (run_id, task_id, map_index)
WHERE a.run_id = u.run_id AND a.task_id = u.task_id AND a.map_index = u.map_index

-- name: DropCheckpoints
DELETE FROM checkpoint c
USING unnest($1::text[], $2::text[], $3::integer[]) AS u (run_id, task_id, map_index)
WHERE c.run_id = u.run_id AND c.task_id = u.task_id AND c.map_index = u.map_index

-- No "AND t.unreported": the planner would read the whole index of unreported rows once for each element.
-- name: AcknowledgeTasks
UPDATE task_instance t SET unreported = false
FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[]) AS u (run_id, task_id, map_index, epoch)
WHERE t.run_id = u.run_id AND t.task_id = u.task_id AND t.map_index = u.map_index AND t.epoch = u.epoch

-- name: AcknowledgeRuns
UPDATE dag_run t SET unreported = false
FROM unnest($1::text[], $2::bigint[]) AS u (run_id, version)
WHERE t.run_id = u.run_id AND t.version = u.version

-- name: InsertDags
INSERT INTO dag (
  dag_id, version, current_hash, source_file, paused, activated_at, last_logical_date, wake_at
)
SELECT
  u.dag_id, u.version, u.current_hash, u.source_file, u.paused, u.activated_at, u.last_logical_date, u.wake_at
FROM unnest(
    $1::text[], $2::bigint[], $3::text[], $4::text[], $5::boolean[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[]
  ) AS u (
    dag_id, version, current_hash, source_file, paused, activated_at, last_logical_date, wake_at
  )

-- name: UpdateDags
UPDATE dag t SET
  version = u.version, current_hash = u.current_hash, source_file = u.source_file, paused = u.paused,
  activated_at = u.activated_at, last_logical_date = u.last_logical_date, wake_at = u.wake_at
FROM unnest(
    $1::text[], $2::bigint[], $3::text[], $4::text[], $5::boolean[], $6::timestamptz[], $7::timestamptz[], $8::timestamptz[]
  ) AS u (
    dag_id, version, current_hash, source_file, paused, activated_at, last_logical_date, wake_at
  )
WHERE t.dag_id = u.dag_id

-- name: AddVersions
INSERT INTO dag_version (
  hash, dag_id, spec, created_at
)
SELECT
  u.hash, u.dag_id, u.spec::json, u.created_at
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::timestamptz[]
  ) AS u (
    hash, dag_id, spec, created_at
  )
ON CONFLICT (hash) DO NOTHING

-- name: InsertPools
INSERT INTO pool (
  name, slots, description, version
)
SELECT
  u.name, u.slots, u.description, u.version
FROM unnest(
    $1::text[], $2::integer[], $3::text[], $4::bigint[]
  ) AS u (
    name, slots, description, version
  )

-- name: UpdatePools
UPDATE pool t SET
  slots = u.slots, description = u.description, version = u.version
FROM unnest(
    $1::text[], $2::integer[], $3::text[], $4::bigint[]
  ) AS u (
    name, slots, description, version
  )
WHERE t.name = u.name

-- name: InsertRuns
INSERT INTO dag_run (
  run_id, dag_id, version_hash, version, kind, state, detail, logical_date, data_interval_start, data_interval_end, params,
  source_file, created_at, started_at, ended_at, wake_at, cancel_requested, timed_out, tasks_created, unreported
)
SELECT
  u.run_id, u.dag_id, u.version_hash, u.version, u.kind, u.state, u.detail, u.logical_date, u.data_interval_start,
  u.data_interval_end, u.params::json, u.source_file, u.created_at, u.started_at, u.ended_at, u.wake_at, u.cancel_requested,
  u.timed_out, u.tasks_created, u.unreported
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
    $9::timestamptz[], $10::timestamptz[], $11::text[], $12::text[], $13::timestamptz[], $14::timestamptz[],
    $15::timestamptz[], $16::timestamptz[], $17::boolean[], $18::boolean[], $19::integer[], $20::boolean[]
  ) AS u (
    run_id, dag_id, version_hash, version, kind, state, detail, logical_date, data_interval_start, data_interval_end,
    params, source_file, created_at, started_at, ended_at, wake_at, cancel_requested, timed_out, tasks_created, unreported
  )

-- name: UpdateRuns
UPDATE dag_run t SET
  dag_id = u.dag_id, version_hash = u.version_hash, version = u.version, kind = u.kind, state = u.state, detail = u.detail,
  logical_date = u.logical_date, data_interval_start = u.data_interval_start, data_interval_end = u.data_interval_end,
  params = u.params::json, source_file = u.source_file, created_at = u.created_at, started_at = u.started_at,
  ended_at = u.ended_at, wake_at = u.wake_at, cancel_requested = u.cancel_requested, timed_out = u.timed_out,
  tasks_created = u.tasks_created, unreported = u.unreported
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
    $9::timestamptz[], $10::timestamptz[], $11::text[], $12::text[], $13::timestamptz[], $14::timestamptz[],
    $15::timestamptz[], $16::timestamptz[], $17::boolean[], $18::boolean[], $19::integer[], $20::boolean[]
  ) AS u (
    run_id, dag_id, version_hash, version, kind, state, detail, logical_date, data_interval_start, data_interval_end,
    params, source_file, created_at, started_at, ended_at, wake_at, cancel_requested, timed_out, tasks_created, unreported
  )
WHERE t.run_id = u.run_id

-- name: InsertTasks
INSERT INTO task_instance (
  run_id, task_id, map_index, version, state, reason, detail, epoch, fence, retries_used, infra_retries_used,
  launch_retries_used, unknown_retries_used, wake_at, scheduled_at, started_at, ended_at, unreported, pool, pool_slots,
  priority, map_item, logical_date
)
SELECT
  u.run_id, u.task_id, u.map_index, u.version, u.state, u.reason, u.detail, u.epoch, u.fence, u.retries_used,
  u.infra_retries_used, u.launch_retries_used, u.unknown_retries_used, u.wake_at, u.scheduled_at, u.started_at, u.ended_at,
  u.unreported, u.pool, u.pool_slots, u.priority, u.map_item::json, r.logical_date
FROM unnest(
    $1::text[], $2::text[], $3::integer[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::integer[],
    $10::integer[], $11::integer[], $12::integer[], $13::integer[], $14::timestamptz[], $15::timestamptz[],
    $16::timestamptz[], $17::timestamptz[], $18::boolean[], $19::text[], $20::integer[], $21::bigint[], $22::text[]
  ) AS u (
    run_id, task_id, map_index, version, state, reason, detail, epoch, fence, retries_used, infra_retries_used,
    launch_retries_used, unknown_retries_used, wake_at, scheduled_at, started_at, ended_at, unreported, pool, pool_slots,
    priority, map_item
  )
LEFT JOIN dag_run r ON r.run_id = u.run_id

-- name: UpdateTasks
UPDATE task_instance t SET
  version = u.version, state = u.state, reason = u.reason, detail = u.detail, epoch = u.epoch, fence = u.fence,
  retries_used = u.retries_used, infra_retries_used = u.infra_retries_used, launch_retries_used = u.launch_retries_used,
  unknown_retries_used = u.unknown_retries_used, wake_at = u.wake_at, scheduled_at = u.scheduled_at,
  started_at = u.started_at, ended_at = u.ended_at, unreported = u.unreported, pool = u.pool, pool_slots = u.pool_slots,
  priority = u.priority, map_item = u.map_item::json
FROM unnest(
    $1::text[], $2::text[], $3::integer[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::integer[], $9::integer[],
    $10::integer[], $11::integer[], $12::integer[], $13::integer[], $14::timestamptz[], $15::timestamptz[],
    $16::timestamptz[], $17::timestamptz[], $18::boolean[], $19::text[], $20::integer[], $21::bigint[], $22::text[]
  ) AS u (
    run_id, task_id, map_index, version, state, reason, detail, epoch, fence, retries_used, infra_retries_used,
    launch_retries_used, unknown_retries_used, wake_at, scheduled_at, started_at, ended_at, unreported, pool, pool_slots,
    priority, map_item
  )
WHERE t.run_id = u.run_id AND t.task_id = u.task_id AND t.map_index = u.map_index

-- name: PutAttempts
INSERT INTO task_attempt (
  run_id, task_id, map_index, epoch, uid, state, cause, exit_code, stop, created_at, started_at, ended_at, backend, node,
  checkpoint, evidence
)
SELECT
  u.run_id, u.task_id, u.map_index, u.epoch, u.uid, u.state, u.cause, u.exit_code, u.stop, u.created_at, u.started_at,
  u.ended_at, u.backend, u.node, u.checkpoint, u.evidence::json
FROM unnest(
    $1::text[], $2::text[], $3::integer[], $4::integer[], $5::uuid[], $6::text[], $7::text[], $8::integer[], $9::text[],
    $10::timestamptz[], $11::timestamptz[], $12::timestamptz[], $13::text[], $14::text[], $15::bigint[],
    $16::text[]
  ) AS u (
    run_id, task_id, map_index, epoch, uid, state, cause, exit_code, stop, created_at, started_at, ended_at, backend, node,
    checkpoint, evidence
  )
ON CONFLICT (run_id, task_id, map_index, epoch) DO UPDATE SET
  uid = excluded.uid, state = excluded.state, cause = excluded.cause, exit_code = excluded.exit_code, stop = excluded.stop,
  created_at = excluded.created_at, started_at = excluded.started_at, ended_at = excluded.ended_at,
  backend = excluded.backend, node = excluded.node, checkpoint = excluded.checkpoint,
  evidence = excluded.evidence

-- name: PutXcoms
INSERT INTO xcom (
  run_id, task_id, map_index, key, epoch, value
)
SELECT
  u.run_id, u.task_id, u.map_index, u.key, u.epoch, u.value::json
FROM unnest(
    $1::text[], $2::text[], $3::integer[], $4::text[], $5::integer[], $6::text[]
  ) AS u (
    run_id, task_id, map_index, key, epoch, value
  )
ON CONFLICT (run_id, task_id, map_index, key) DO UPDATE SET
  epoch = excluded.epoch, value = excluded.value

-- name: PutArtifacts
INSERT INTO artifact (
  run_id, task_id, map_index, name, epoch, size, sha256, uri
)
SELECT
  u.run_id, u.task_id, u.map_index, u.name, u.epoch, u.size, u.sha256, u.uri
FROM unnest(
    $1::text[], $2::text[], $3::integer[], $4::text[], $5::integer[], $6::bigint[], $7::text[], $8::text[]
  ) AS u (
    run_id, task_id, map_index, name, epoch, size, sha256, uri
  )
ON CONFLICT (run_id, task_id, map_index, name) DO UPDATE SET
  epoch = excluded.epoch, size = excluded.size, sha256 = excluded.sha256, uri = excluded.uri

-- name: PutCheckpoints
INSERT INTO checkpoint (
  run_id, task_id, map_index, epoch, number, uri
)
SELECT
  u.run_id, u.task_id, u.map_index, u.epoch, u.number, u.uri
FROM unnest(
    $1::text[], $2::text[], $3::integer[], $4::integer[], $5::bigint[], $6::text[]
  ) AS u (
    run_id, task_id, map_index, epoch, number, uri
  )
ON CONFLICT (run_id, task_id, map_index) DO UPDATE SET
  epoch = excluded.epoch, number = excluded.number, uri = excluded.uri

-- name: ChangeLimits
UPDATE limit_counter l SET used = l.used + u.amount
FROM unnest($1::text[], $2::integer[]) AS u (key, amount)
WHERE l.key = u.key

-- A limit that is created starts with what the rows already hold of it.
-- name: SetLimits
INSERT INTO limit_counter (key, slots, used)
SELECT u.key, u.slots, CASE WHEN EXISTS (SELECT FROM limit_counter l WHERE l.key = u.key) THEN 0 ELSE limit_counted(u.key) END
FROM unnest($1::text[], $2::integer[]) AS u (key, slots)
ON CONFLICT (key) DO UPDATE SET slots = excluded.slots

-- name: RemoveLimits
DELETE FROM limit_counter WHERE key = ANY($1::text[])

-- name: AddRequests
INSERT INTO request (
  request_id, command, reply, at
)
SELECT
  u.request_id, u.command, u.reply::json, u.at
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::timestamptz[]
  ) AS u (
    request_id, command, reply, at
  )

-- name: AddOutbox
INSERT INTO outbox (
  id, kind, payload, run_id, due_at, failures, last_error
)
SELECT
  u.id, u.kind, u.payload::json, u.run_id, u.due_at, u.failures, u.last_error
FROM unnest(
    $1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::integer[], $7::text[]
  ) AS u (
    id, kind, payload, run_id, due_at, failures, last_error
  )

-- In the order given, since the sequence numbers follow it.
-- name: AddHistory
INSERT INTO task_event (
  at, dag_id, run_id, task_id, map_index, epoch, kind, reason, detail, actor, pool, address, request_id
)
SELECT
  u.at, u.dag_id, u.run_id, u.task_id, u.map_index, u.epoch, u.kind, u.reason, u.detail, u.actor, u.pool,
  u.address, u.request_id
FROM unnest(
    $1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::integer[], $7::text[], $8::text[], $9::text[],
    $10::text[], $11::text[], $12::text[], $13::text[]
  ) WITH ORDINALITY AS u (
    at, dag_id, run_id, task_id, map_index, epoch, kind, reason, detail, actor, pool, address, request_id, place
  )
ORDER BY u.place
