-- What hosts tell each other without a row.

-- name: TellChangedRuns
SELECT pg_notify('orleansflow_changed_runs', text) FROM unnest($1::text[]) AS text

-- name: ListenToChangedRuns
LISTEN orleansflow_changed_runs
