-- name: PurgeEvidenceBytes
-- Bytes that were collected again lately stay.
WITH gone AS (
  DELETE FROM scanclock.evidence_bytes
  WHERE digest IN (
    SELECT digest FROM scanclock.evidence_bytes AS old
    WHERE stored_at < $1::timestamptz
      AND NOT EXISTS (SELECT FROM scanclock.evidence_keys AS keys
                      WHERE keys.digest = old.digest AND keys.collected_at >= $1::timestamptz)
    LIMIT $2::bigint)
  RETURNING 1
)
SELECT count(*) AS deleted FROM gone;

-- name: PurgeContainers
-- With all that is known of the instance; image IDs are kept as long as any instance of the ID is.
WITH gone AS (
  DELETE FROM scanclock.containers
  WHERE (source, container_id, first_seen_at) IN (
    SELECT source, container_id, first_seen_at FROM scanclock.containers
    WHERE ended_at < $1::timestamptz
    LIMIT $2::bigint)
  RETURNING source, container_id, first_seen_at
), forgotten AS (
  DELETE FROM scanclock.container_digests AS history
  USING gone
  WHERE history.source = gone.source AND history.container_id = gone.container_id
    AND NOT EXISTS (
      SELECT FROM scanclock.containers AS other
      WHERE other.source = gone.source AND other.container_id = gone.container_id
        AND (other.source, other.container_id, other.first_seen_at) NOT IN (
          SELECT source, container_id, first_seen_at FROM gone))
), unprinted AS (
  DELETE FROM scanclock.container_printed_images AS history
  USING gone
  WHERE history.source = gone.source AND history.container_id = gone.container_id
    AND history.first_seen_at = gone.first_seen_at
), retracted AS (
  DELETE FROM scanclock.container_verdicts AS history
  USING gone
  WHERE history.source = gone.source AND history.container_id = gone.container_id
    AND history.first_seen_at = gone.first_seen_at
)
SELECT count(*) AS deleted FROM gone;

-- name: PurgePrintedImages
-- Of containers that still run; what was printed last is in their row.
WITH gone AS (
  DELETE FROM scanclock.container_printed_images
  WHERE (source, container_id, first_seen_at, printed_until) IN (
    SELECT source, container_id, first_seen_at, printed_until
    FROM scanclock.container_printed_images
    WHERE printed_until < $1::timestamptz
    LIMIT $2::bigint)
  RETURNING 1
)
SELECT count(*) AS deleted FROM gone;

-- name: PurgeVerdicts
-- The one that was in force at the border stays: it answers for the time behind it.
WITH gone AS (
  DELETE FROM scanclock.container_verdicts
  WHERE (source, container_id, first_seen_at, concluded_at) IN (
    SELECT source, container_id, first_seen_at, concluded_at
    FROM scanclock.container_verdicts AS old
    WHERE concluded_at < $1::timestamptz
      AND EXISTS (SELECT FROM scanclock.container_verdicts AS newer
                  WHERE newer.source = old.source AND newer.container_id = old.container_id
                    AND newer.first_seen_at = old.first_seen_at
                    AND newer.concluded_at > old.concluded_at
                    AND newer.concluded_at <= $1::timestamptz)
    LIMIT $2::bigint)
  RETURNING 1
)
SELECT count(*) AS deleted FROM gone;

-- name: PurgeObservations
WITH gone AS (
  DELETE FROM scanclock.image_observations
  WHERE (digest, observed_at) IN (
    SELECT digest, observed_at FROM scanclock.image_observations AS old
    WHERE observed_at < $1::timestamptz
      AND EXISTS (SELECT FROM scanclock.image_observations AS newer
                  WHERE newer.digest = old.digest AND newer.observed_at > old.observed_at
                    AND newer.observed_at <= $1::timestamptz)
    LIMIT $2::bigint)
  RETURNING 1
)
SELECT count(*) AS deleted FROM gone;

-- name: PurgeTags
WITH gone AS (
  DELETE FROM scanclock.tags
  WHERE (registry, repository, tag, valid_from) IN (
    SELECT registry, repository, tag, valid_from FROM scanclock.tags
    WHERE valid_to < $1::timestamptz
    LIMIT $2::bigint)
  RETURNING 1
)
SELECT count(*) AS deleted FROM gone;

-- name: PurgeCoverage
-- The newest interval of a source stays, however old: the program starts from it.
WITH gone AS (
  DELETE FROM scanclock.coverage_intervals
  WHERE (source, covered_from) IN (
    SELECT source, covered_from FROM scanclock.coverage_intervals AS old
    WHERE covered_to < $1::timestamptz
      AND EXISTS (SELECT FROM scanclock.coverage_intervals AS newer
                  WHERE newer.source = old.source AND newer.covered_from > old.covered_from)
    LIMIT $2::bigint)
  RETURNING 1
)
SELECT count(*) AS deleted FROM gone;

-- name: PurgeAlertEvents
WITH gone AS (
  DELETE FROM scanclock.alert_events
  WHERE (alert_id, sequence) IN (
    SELECT event.alert_id, event.sequence
    FROM scanclock.alerts AS alert
    JOIN scanclock.alert_events AS event ON event.alert_id = alert.id
    WHERE NOT alert.firing AND alert.ended_at < $1::timestamptz
    LIMIT $2::bigint)
  RETURNING 1
)
SELECT count(*) AS deleted FROM gone;

-- name: PurgeAlerts
-- After their events, which would otherwise lose what tells their age.
WITH gone AS (
  DELETE FROM scanclock.alerts
  WHERE id IN (
    SELECT id FROM scanclock.alerts AS alert
    WHERE NOT firing AND ended_at < $1::timestamptz
      AND NOT EXISTS (SELECT FROM scanclock.alert_events AS event WHERE event.alert_id = alert.id)
    LIMIT $2::bigint)
  RETURNING 1
)
SELECT count(*) AS deleted FROM gone;

-- name: PurgeAlertGroups
WITH gone AS (
  DELETE FROM scanclock.alert_groups
  WHERE id IN (
    SELECT id FROM scanclock.alert_groups
    WHERE flushed_at < $1::timestamptz
    LIMIT $2::bigint)
  RETURNING 1
)
SELECT count(*) AS deleted FROM gone;

-- name: PurgeSilences
-- By the end that came first.
WITH gone AS (
  DELETE FROM scanclock.silences
  WHERE id IN (
    SELECT id FROM scanclock.silences
    WHERE expires_at < $1::timestamptz OR ended_at < $1::timestamptz
    LIMIT $2::bigint)
  RETURNING 1
)
SELECT count(*) AS deleted FROM gone;

-- name: PurgeAcknowledgements
-- Those of an alert that still fires stay with it.
WITH gone AS (
  DELETE FROM scanclock.acknowledgements
  WHERE (alert_id, at) IN (
    SELECT alert_id, at FROM scanclock.acknowledgements AS taken
    WHERE (expires_at < $1::timestamptz OR ended_at < $1::timestamptz)
      AND NOT EXISTS (SELECT FROM scanclock.alerts AS alert
                      WHERE alert.id = taken.alert_id AND alert.firing)
    LIMIT $2::bigint)
  RETURNING 1
)
SELECT count(*) AS deleted FROM gone;

-- name: PurgeMessages
-- Never one that waits.
WITH gone AS (
  DELETE FROM scanclock.outbox
  WHERE id IN (
    SELECT id FROM scanclock.outbox
    WHERE state <> 'waiting' AND finished_at < $1::timestamptz
    LIMIT $2::bigint)
  RETURNING 1
)
SELECT count(*) AS deleted FROM gone;

-- name: PurgeDeliveries
WITH gone AS (
  DELETE FROM scanclock.deliveries
  WHERE id IN (
    SELECT id FROM scanclock.deliveries
    WHERE at < $1::timestamptz
    LIMIT $2::bigint)
  RETURNING 1
)
SELECT count(*) AS deleted FROM gone;
