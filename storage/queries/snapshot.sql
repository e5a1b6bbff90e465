-- name: OpenManifests
DECLARE snapshot_rows NO SCROLL CURSOR FOR
SELECT digest, kind, media_type, artifact_type, size_bytes, config, config_identifies, os,
       architecture, variant, os_version, subject
FROM scanclock.manifests;

-- name: OpenManifestEdges
DECLARE snapshot_rows NO SCROLL CURSOR FOR
SELECT parent, child, os, architecture, variant, os_version, runnable
FROM scanclock.manifest_edges
ORDER BY parent, position;

-- name: OpenImages
DECLARE snapshot_rows NO SCROLL CURSOR FOR
SELECT digest, first_seen_at, first_running_at, first_scan_at, observed.status,
       observed.reason AS observation_reason, observed.observed_at
FROM scanclock.images AS image
LEFT JOIN LATERAL (
  SELECT status, reason, observed_at
  FROM scanclock.image_observations AS history
  WHERE history.digest = image.digest
  ORDER BY observed_at DESC
  LIMIT 1) AS observed ON true;

-- name: OpenLocations
DECLARE snapshot_rows NO SCROLL CURSOR FOR
SELECT digest, registry, repository, host, environment, tags, first_seen_at, entry_at, entry_basis,
       missing_since, removed_at, evidence_answered_at, evidence_failing_since, evidence_failure
FROM scanclock.locations;

-- name: OpenTags
DECLARE snapshot_rows NO SCROLL CURSOR FOR
SELECT registry, repository, tag, digest, valid_from
FROM scanclock.tags
WHERE valid_to IS NULL;

-- name: OpenEvidence
DECLARE snapshot_rows NO SCROLL CURSOR FOR
SELECT digest, attached_to, trust, source, origin, repository, collected_at, size_bytes, format,
       scanner, scanner_version, finished_at, finished_at_field, database_built_at, subjects,
       subject_config, inner_subjects, platform, names, critical, high, medium, low, unknown,
       defect, defect_detail, signature_state, signature_detail
FROM scanclock.evidence;

-- name: OpenDecisions
DECLARE snapshot_rows NO SCROLL CURSOR FOR
SELECT keys.digest, keys.attached_to, keys.trust, newest.policy, newest.policy_version,
       newest.accepted, newest.reason, newest.detail, newest.decided_at
FROM (
  SELECT DISTINCT ON (evidence_id, policy, policy_version) *
  FROM scanclock.evidence_decisions
  ORDER BY evidence_id DESC, policy DESC, policy_version DESC, id DESC) AS newest
JOIN scanclock.evidence_keys AS keys ON keys.id = newest.evidence_id;

-- name: OpenContainers
-- Should an ID have two instances without an end, the newer one is what runs.
DECLARE snapshot_rows NO SCROLL CURSOR FOR
SELECT container.*, concluded.concluded_at, concluded.verdict, concluded.image_digest,
       concluded.reason, concluded.environment, concluded.owner,
       ARRAY(SELECT history.digest FROM scanclock.container_digests AS history
             WHERE history.source = container.source
               AND history.container_id = container.container_id
             ORDER BY history.digest) AS digest_history
FROM (
  SELECT DISTINCT ON (source, container_id)
         source, container_id, first_seen_at, last_seen_at, namespace, workload, name, node, labels,
         image, image_id, assumed, digests, pullable, repositories, os, architecture, variant,
         os_version, started_at
  FROM scanclock.containers
  WHERE ended_at IS NULL
  ORDER BY source, container_id, first_seen_at DESC) AS container
LEFT JOIN LATERAL (
  SELECT concluded_at, verdict, image_digest, reason, environment, owner
  FROM scanclock.container_verdicts AS history
  WHERE history.source = container.source AND history.container_id = container.container_id
    AND history.first_seen_at = container.first_seen_at
  ORDER BY history.concluded_at DESC
  LIMIT 1) AS concluded ON true;

-- name: OpenCoverage
DECLARE snapshot_rows NO SCROLL CURSOR FOR
SELECT DISTINCT ON (source) source, kind, covered_from, covered_to
FROM scanclock.coverage_intervals
ORDER BY source, covered_from DESC;

-- name: OpenAlerts
-- Each part has an index that holds little else, so that years of ended alerts cost nothing.
DECLARE snapshot_rows NO SCROLL CURSOR FOR
SELECT id, rule, subject, policy, severity, firing, resolved_reason, environment, owner, labels,
       annotations, stage, sequence, started_at, ended_at, last_notified_at, told
FROM scanclock.alerts
WHERE firing
UNION ALL
SELECT id, rule, subject, policy, severity, firing, resolved_reason, environment, owner, labels,
       annotations, stage, sequence, started_at, ended_at, last_notified_at, told
FROM scanclock.alerts
WHERE NOT firing AND ended_at >= $1::timestamptz
UNION ALL
SELECT id, rule, subject, policy, severity, firing, resolved_reason, environment, owner, labels,
       annotations, stage, sequence, started_at, ended_at, last_notified_at, told
FROM scanclock.alerts
WHERE owes_end AND ended_at < $1::timestamptz;

-- name: OpenAlertGroups
DECLARE snapshot_rows NO SCROLL CURSOR FOR
SELECT receiver, key, id, labels, sequence, flushed_at
FROM scanclock.alert_groups
ORDER BY id;

-- name: OpenSilences
DECLARE snapshot_rows NO SCROLL CURSOR FOR
SELECT id, matchers, author, reason, created_at, starts_at, expires_at, ended_at, ended_by
FROM scanclock.silences
WHERE expires_at > $1::timestamptz AND ended_at IS NULL
ORDER BY id;

-- name: OpenAcknowledgements
DECLARE snapshot_rows NO SCROLL CURSOR FOR
SELECT DISTINCT ON (taken.alert_id) taken.alert_id, taken.at, taken.author, taken.reason,
       taken.expires_at, taken.ended_at
FROM scanclock.acknowledgements AS taken
JOIN scanclock.alerts AS alert ON alert.id = taken.alert_id AND alert.firing
ORDER BY taken.alert_id, taken.at DESC;

-- name: FetchSnapshotRows
-- In pieces, so that neither memory nor the time that one step takes grows with the tables.
FETCH FORWARD 1000 FROM snapshot_rows;

-- name: CloseSnapshotRows
CLOSE snapshot_rows;
