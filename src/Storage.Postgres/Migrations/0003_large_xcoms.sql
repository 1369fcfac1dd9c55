-- A value that is too large for a row lies in the artifact store, and its row points there. No row is read or rewritten: those that
-- exist hold their values, so the constraint need not be checked for them under the lock. The release before this one goes on writing
-- rows as it did; at one that points elsewhere it refuses the launch of the task that reads it.

ALTER TABLE xcom
  ALTER COLUMN value DROP NOT NULL,
  ADD COLUMN size bigint,
  ADD COLUMN sha256 text,
  ADD COLUMN uri text,
  ADD CONSTRAINT xcom_value_or_pointer CHECK (
    (value IS NULL) = (uri IS NOT NULL) AND num_nonnulls(size, sha256, uri) IN (0, 3) AND (size IS NULL OR size >= 0)) NOT VALID;
