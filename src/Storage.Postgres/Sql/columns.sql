-- The columns of each row, in the order in which Rows reads them; other files name them in braces.

-- name: dag_columns
d.dag_id, d.version, d.current_hash, d.source_file, d.paused, d.activated_at, d.last_logical_date, d.wake_at

-- name: version_columns
v.hash, v.dag_id, v.spec, v.created_at

-- name: run_columns
r.run_id, r.dag_id, r.version_hash, r.version, r.kind, r.state, r.detail, r.logical_date, r.data_interval_start,
r.data_interval_end, r.params, r.source_file, r.created_at, r.started_at, r.ended_at, r.wake_at, r.cancel_requested, r.timed_out,
r.tasks_created, r.unreported

-- name: task_columns
t.run_id, t.task_id, t.map_index, t.version, t.state, t.reason, t.detail, t.epoch, t.fence, t.retries_used,
t.infra_retries_used, t.launch_retries_used, t.unknown_retries_used, t.wake_at, t.scheduled_at, t.started_at, t.ended_at,
t.unreported, t.pool, t.pool_slots, t.priority, t.map_item

-- name: attempt_columns
a.run_id, a.task_id, a.map_index, a.epoch, a.uid, a.state, a.cause, a.exit_code, a.stop, a.created_at, a.started_at,
a.ended_at, a.backend, a.node, a.checkpoint, a.evidence

-- name: pool_columns
p.name, p.slots, p.description, p.version

-- name: xcom_columns
x.run_id, x.task_id, x.map_index, x.key, x.epoch, x.value, x.size, x.sha256, x.uri

-- name: artifact_columns
f.run_id, f.task_id, f.map_index, f.name, f.epoch, f.size, f.sha256, f.uri

-- name: checkpoint_columns
c.run_id, c.task_id, c.map_index, c.epoch, c.number, c.uri

-- name: progress_columns
p.run_id, p.task_id, p.map_index, p.epoch, p.fraction, p.message, p.at

-- name: request_columns
q.request_id, q.command, q.reply, q.at

-- name: outbox_columns
o.id, o.kind, o.payload, o.run_id, o.due_at, o.failures, o.last_error

-- name: history_columns
e.sequence, e.at, e.dag_id, e.run_id, e.task_id, e.map_index, e.epoch, e.kind, e.reason, e.detail, e.actor, e.pool,
e.address, e.request_id
