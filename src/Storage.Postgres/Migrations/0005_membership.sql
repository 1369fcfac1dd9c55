-- The membership of the cluster engine. Names of tables, columns, parameters and query keys are those that
-- Microsoft.Orleans.Clustering.AdoNet reads; it brings no SQL of its own. Nothing of ours is decided by these rows: who may commit
-- stands in host.

CREATE TABLE OrleansQuery (
  QueryKey text PRIMARY KEY,
  QueryText text NOT NULL
);
COMMENT ON TABLE OrleansQuery IS 'The statements that Orleans runs on its membership.';

CREATE TABLE OrleansMembershipVersionTable (
  DeploymentId text PRIMARY KEY,
  Version integer NOT NULL DEFAULT 0,
  Timestamp timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);
COMMENT ON TABLE OrleansMembershipVersionTable IS 'One row for each cluster: its version grows with every change of a member.';

CREATE TABLE OrleansMembershipTable (
  DeploymentId text NOT NULL REFERENCES OrleansMembershipVersionTable,
  Address text NOT NULL,
  Port integer NOT NULL CHECK (Port BETWEEN 1 AND 65535),
  Generation integer NOT NULL,
  SiloName text NOT NULL,
  HostName text NOT NULL,
  Status integer NOT NULL,
  ProxyPort integer NOT NULL,
  SuspectTimes text,
  StartTime timestamptz NOT NULL,
  IAmAliveTime timestamptz NOT NULL,
  PRIMARY KEY (DeploymentId, Address, Port, Generation)
) WITH (fillfactor = 50);
COMMENT ON COLUMN OrleansMembershipTable.SiloName IS 'HOST.EPOCH: the host_id and the epoch of its row in host.';

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('InsertMembershipVersionKey', $sql$
  WITH made AS (
    INSERT INTO OrleansMembershipVersionTable (DeploymentId) VALUES (@DeploymentId) ON CONFLICT DO NOTHING RETURNING 1)
  SELECT count(*)::integer FROM made
$sql$),
('MembershipReadAllKey', $sql$
  SELECT v.DeploymentId, m.Address, m.Port, m.Generation, m.SiloName, m.HostName, m.Status, m.ProxyPort, m.SuspectTimes, m.StartTime,
    m.IAmAliveTime, v.Version
  FROM OrleansMembershipVersionTable v LEFT JOIN OrleansMembershipTable m USING (DeploymentId)
  WHERE v.DeploymentId = @DeploymentId
$sql$),
('MembershipReadRowKey', $sql$
  SELECT v.DeploymentId, m.Address, m.Port, m.Generation, m.SiloName, m.HostName, m.Status, m.ProxyPort, m.SuspectTimes, m.StartTime,
    m.IAmAliveTime, v.Version
  FROM OrleansMembershipVersionTable v
  LEFT JOIN OrleansMembershipTable m ON m.DeploymentId = v.DeploymentId AND m.Address = @Address AND m.Port = @Port AND m.Generation = @Generation
  WHERE v.DeploymentId = @DeploymentId
$sql$),
-- A change of a member counts only with the version that it was decided on. Whoever comes second waits for the version's row, and
-- finds another version in it.
('InsertMembershipKey', $sql$
  WITH next AS (
    UPDATE OrleansMembershipVersionTable SET Version = Version + 1, Timestamp = clock_timestamp()
    WHERE DeploymentId = @DeploymentId AND Version = CAST(@Version AS integer) AND NOT EXISTS (
      SELECT FROM OrleansMembershipTable
      WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation)
    RETURNING 1),
  made AS (
    INSERT INTO OrleansMembershipTable
      (DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime)
    SELECT @DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime FROM next
    RETURNING 1)
  SELECT count(*)::integer FROM made
$sql$),
('UpdateMembershipKey', $sql$
  WITH next AS (
    UPDATE OrleansMembershipVersionTable SET Version = Version + 1, Timestamp = clock_timestamp()
    WHERE DeploymentId = @DeploymentId AND Version = CAST(@Version AS integer)
    RETURNING 1),
  made AS (
    UPDATE OrleansMembershipTable SET Status = @Status, SuspectTimes = @SuspectTimes, IAmAliveTime = @IAmAliveTime
    WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation AND EXISTS (SELECT FROM next)
    RETURNING 1)
  SELECT count(*)::integer FROM made
$sql$),
('UpdateIAmAlivetimeKey', $sql$
  UPDATE OrleansMembershipTable SET IAmAliveTime = @IAmAliveTime
  WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation
$sql$),
('DeleteMembershipTableEntriesKey', $sql$
  WITH members AS (DELETE FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId)
  UPDATE OrleansMembershipVersionTable SET Version = 0 WHERE DeploymentId = @DeploymentId
$sql$),
-- 3: active. Members of other states may still be told of their end.
('CleanupDefunctSiloEntriesKey', $sql$
  DELETE FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId AND IAmAliveTime < @IAmAliveTime AND Status <> 3
$sql$),
('GatewaysQueryKey', $sql$
  SELECT Address, ProxyPort, Generation FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId AND Status = @Status AND ProxyPort > 0
$sql$);
