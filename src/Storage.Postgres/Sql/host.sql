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

-- name: ReadHostInCharge
SELECT host_id, registered_at FROM host
WHERE until > clock_timestamp() AND EXISTS (
  SELECT FROM pg_locks
  WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND (classid::bigint << 32 | objid::bigint) = $1
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
ORDER BY registered_at DESC LIMIT 1

-- name: ListHosts
SELECT host_id, engine, epoch, registered_at, until, until > clock_timestamp() FROM host ORDER BY host_id
