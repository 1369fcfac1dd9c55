-- The host fence. Times are PostgreSQL's.

-- name: ReadInstallation
SELECT id, engine FROM installation

-- name: TakeCharge
UPDATE installation SET engine = $1 WHERE engine IS NULL OR engine = $1

-- name: TryLockEmbedded
SELECT pg_try_advisory_lock($1)

-- name: ReadOtherHosts
SELECT host_id, until > clock_timestamp(), registered_at FROM host WHERE engine = $1 AND host_id <> $2 ORDER BY host_id

-- name: EndBackends
SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE application_name = $1 AND pid <> pg_backend_pid()

-- name: RemoveHost
DELETE FROM host WHERE host_id = $1

-- name: RegisterHost
INSERT INTO host (host_id, epoch, engine, until)
VALUES ($1, nextval('host_epoch'), $2, clock_timestamp() + $3)
ON CONFLICT (host_id) DO UPDATE
  SET epoch = nextval('host_epoch'), engine = excluded.engine, until = excluded.until, registered_at = now()
RETURNING epoch

-- name: RenewHost
UPDATE host SET until = clock_timestamp() + $3 WHERE host_id = $1 AND epoch = $2

-- name: LeaveHost
DELETE FROM host WHERE host_id = $1 AND epoch = $2

-- name: ReadSeats
SELECT epoch FROM host WHERE engine = $1

-- name: ReadHostInCharge
SELECT host_id, registered_at FROM host
WHERE until > clock_timestamp() AND EXISTS (
  SELECT FROM pg_locks
  WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND (classid::bigint << 32 | objid::bigint) = $1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
ORDER BY registered_at DESC LIMIT 1

-- name: ListHosts
SELECT host_id, coalesce(h.engine, r.engine), coalesce(h.epoch, 0), coalesce(h.registered_at, r.started_at), coalesce(h.until, r.until),
  coalesce(h.until > clock_timestamp(), false), s.state,
  CASE s.state WHEN 'silent' THEN coalesce(h.until, r.until) WHEN 'active' THEN h.registered_at ELSE r.since END,
  r.address, r.version,
  -- of one that is silent nobody knows
  CASE WHEN s.state <> 'silent' THEN r.live_dags END, r.live_runs, r.live_tasks, r.live_pools, r.notice, r.noticed_at
FROM host h FULL JOIN replica r USING (host_id)
CROSS JOIN LATERAL (SELECT CASE
  WHEN coalesce(h.until, r.until) <= clock_timestamp() THEN 'silent'
  -- it was taken over, and has not noticed
  WHEN h.epoch IS NULL AND r.state = 'active' THEN 'silent'
  WHEN h.epoch IS NULL OR r.state = 'leaving' THEN r.state
  ELSE 'active'
END AS state) s
ORDER BY host_id

-- name: ReadIdentity
SELECT id, peer_secret FROM installation

-- name: PutReplica
INSERT INTO replica (
  host_id, engine, state, address, version, since, started_at, until, live_dags, live_runs, live_tasks, live_pools, notice, noticed_at)
VALUES (
  $1, $2, $3, $4, $5, clock_timestamp(), clock_timestamp(), clock_timestamp() + $6, $7::integer, $8::integer, $9::integer, $10::integer, $11::text,
  CASE WHEN $11::text IS NOT NULL THEN clock_timestamp() END)
ON CONFLICT (host_id) DO UPDATE
  SET since = CASE WHEN replica.state = excluded.state THEN replica.since ELSE excluded.since END,
      state = excluded.state, address = excluded.address, until = excluded.until, live_dags = excluded.live_dags, live_runs = excluded.live_runs,
      live_tasks = excluded.live_tasks, live_pools = excluded.live_pools, notice = excluded.notice,
      noticed_at = CASE WHEN replica.notice = excluded.notice THEN replica.noticed_at ELSE excluded.noticed_at END

-- name: ForgetReplicas
DELETE FROM replica WHERE until < clock_timestamp() - $1

-- name: RemoveReplica
DELETE FROM replica WHERE host_id = $1

-- name: ReadActiveAddress
SELECT r.address FROM replica r JOIN host h USING (host_id) WHERE h.until > clock_timestamp() ORDER BY h.epoch DESC LIMIT 1
