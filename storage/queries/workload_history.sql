-- name: StorePrintedImages
INSERT INTO scanclock.container_printed_images (
  source, container_id, first_seen_at, printed_until, image, image_id, digests, assumed)
SELECT source, container_id, first_seen_at, printed_until, image, image_id, digests::text[], assumed
FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::text[], $6::text[],
            $7::text[], $8::boolean[])
  AS given(source, container_id, first_seen_at, printed_until, image, image_id, digests, assumed)
ON CONFLICT ON CONSTRAINT container_printed_images_key DO NOTHING;

-- name: StoreVerdicts
-- Two conclusions of one moment are one: the later of them.
INSERT INTO scanclock.container_verdicts AS known (
  source, container_id, first_seen_at, concluded_at, verdict, image_digest, reason, environment,
  owner)
SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::text[],
                     $6::text[], $7::text[], $8::text[], $9::text[])
ON CONFLICT ON CONSTRAINT container_verdicts_key DO UPDATE
SET verdict = EXCLUDED.verdict,
    image_digest = EXCLUDED.image_digest,
    reason = EXCLUDED.reason,
    environment = EXCLUDED.environment,
    owner = EXCLUDED.owner
WHERE (known.verdict, known.image_digest, known.reason, known.environment, known.owner)
      IS DISTINCT FROM
      (EXCLUDED.verdict, EXCLUDED.image_digest, EXCLUDED.reason, EXCLUDED.environment,
       EXCLUDED.owner);

-- name: StoreObservations
INSERT INTO scanclock.image_observations AS known (digest, observed_at, status, reason)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[])
ON CONFLICT ON CONSTRAINT image_observations_key DO UPDATE
SET status = EXCLUDED.status, reason = EXCLUDED.reason
WHERE (known.status, known.reason) IS DISTINCT FROM (EXCLUDED.status, EXCLUDED.reason);

-- name: ListContainersAt
-- What ran at $1, in the order of the key behind ($2, $3). Nothing is computed anew: the verdict is
-- the newest that had been concluded by then, the observation of its image the newest by then, and
-- of the image that was printed what the next change of it replaced.
SELECT instance.source, instance.container_id, instance.first_seen_at, instance.ended_at,
       instance.namespace, instance.workload, instance.name, instance.node, instance.labels,
       instance.repositories, instance.os, instance.architecture, instance.variant,
       instance.os_version, instance.started_at,
       COALESCE(printed.image, instance.image) AS image,
       COALESCE(printed.image_id, instance.image_id) AS image_id,
       COALESCE(printed.digests, instance.digests) AS digests,
       COALESCE(printed.assumed, instance.assumed) AS assumed,
       concluded.verdict, concluded.image_digest, concluded.reason, concluded.environment,
       concluded.owner, observed.status, observed.reason AS observation_reason,
       observed.observed_at
FROM scanclock.containers AS instance
LEFT JOIN LATERAL (
  SELECT verdict, image_digest, reason, environment, owner
  FROM scanclock.container_verdicts AS history
  WHERE history.source = instance.source AND history.container_id = instance.container_id
    AND history.first_seen_at = instance.first_seen_at
    AND history.concluded_at <= $1::timestamptz
  ORDER BY history.concluded_at DESC
  LIMIT 1) AS concluded ON true
LEFT JOIN LATERAL (
  SELECT image, image_id, digests, assumed
  FROM scanclock.container_printed_images AS history
  WHERE history.source = instance.source AND history.container_id = instance.container_id
    AND history.first_seen_at = instance.first_seen_at
    AND history.printed_until > $1::timestamptz
  ORDER BY history.printed_until
  LIMIT 1) AS printed ON true
LEFT JOIN LATERAL (
  SELECT status, reason, observed_at
  FROM scanclock.image_observations AS history
  WHERE history.digest = concluded.image_digest AND history.observed_at <= $1::timestamptz
  ORDER BY history.observed_at DESC
  LIMIT 1) AS observed ON true
WHERE instance.first_seen_at <= $1::timestamptz
  AND (instance.ended_at IS NULL OR instance.ended_at > $1::timestamptz)
  AND (instance.source, instance.container_id) > ($2::text, $3::text)
  AND ($4::text = '' OR instance.source = $4::text)
  AND ($5::text = '' OR instance.namespace = $5::text)
  -- Should an ID have two instances at once, the newer one is what ran.
  AND NOT EXISTS (
    SELECT FROM scanclock.containers AS newer
    WHERE newer.source = instance.source AND newer.container_id = instance.container_id
      AND newer.first_seen_at > instance.first_seen_at
      AND newer.first_seen_at <= $1::timestamptz
      AND (newer.ended_at IS NULL OR newer.ended_at > $1::timestamptz))
  AND ($6::text = '' OR concluded.verdict = $6::text)
  AND ($7::text = '' OR concluded.owner = $7::text)
ORDER BY instance.source, instance.container_id
LIMIT $8::bigint;

-- name: ListWatchingAt
-- One row a workload source that was ever watched.
SELECT source,
       bool_or(covered_from <= $1::timestamptz AND covered_to >= $1::timestamptz) AS watched,
       min(covered_from) AS watched_from,
       max(covered_to) FILTER (WHERE covered_from <= $1::timestamptz) AS watched_until,
       min(covered_from) FILTER (WHERE covered_from > $1::timestamptz) AS watched_again_from
FROM scanclock.coverage_intervals
WHERE kind = 'workload'
GROUP BY source
ORDER BY source;

-- name: FindRetentionHorizon
SELECT deleted_before FROM scanclock.retention_horizons WHERE name = $1::text;

-- name: StoreRetentionHorizon
INSERT INTO scanclock.retention_horizons AS known (name, deleted_before)
VALUES ($1::text, $2::timestamptz)
ON CONFLICT ON CONSTRAINT retention_horizons_key DO UPDATE
SET deleted_before = EXCLUDED.deleted_before
WHERE EXCLUDED.deleted_before > known.deleted_before;
