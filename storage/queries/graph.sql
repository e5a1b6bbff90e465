-- name: StoreManifests
INSERT INTO scanclock.manifests (digest, kind, media_type, artifact_type, size_bytes, config,
                                 config_identifies, os, architecture, variant, os_version, subject)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[],
                     $7::boolean[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
ON CONFLICT ON CONSTRAINT manifests_key DO NOTHING;

-- name: StoreManifestEdges
INSERT INTO scanclock.manifest_edges (parent, position, child, os, architecture, variant,
                                      os_version, runnable)
SELECT * FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::text[],
                     $7::text[], $8::boolean[])
ON CONFLICT ON CONSTRAINT manifest_edges_key DO NOTHING;

-- name: StoreImages
-- LEAST passes over NULL, so that a first time is kept once it is known and only becomes earlier.
INSERT INTO scanclock.images AS known (digest, first_seen_at, first_running_at, first_scan_at)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::timestamptz[])
ON CONFLICT ON CONSTRAINT images_key DO UPDATE
SET first_seen_at = LEAST(known.first_seen_at, EXCLUDED.first_seen_at),
    first_running_at = LEAST(known.first_running_at, EXCLUDED.first_running_at),
    first_scan_at = LEAST(known.first_scan_at, EXCLUDED.first_scan_at)
WHERE LEAST(known.first_seen_at, EXCLUDED.first_seen_at) <> known.first_seen_at
   OR LEAST(known.first_running_at, EXCLUDED.first_running_at)
      IS DISTINCT FROM known.first_running_at
   OR LEAST(known.first_scan_at, EXCLUDED.first_scan_at) IS DISTINCT FROM known.first_scan_at;

-- name: StoreLocations
-- The entry only moves to an earlier time; at an equal time the newer basis counts. Of the answers
-- of the evidence sources only the first is kept.
INSERT INTO scanclock.locations AS known (
  digest, registry, repository, host, environment, tags, first_seen_at, entry_at, entry_basis,
  missing_since, removed_at, evidence_answered_at, evidence_failing_since, evidence_failure)
SELECT digest, registry, repository, host, environment, tags::text[], first_seen_at, entry_at,
       entry_basis, missing_since, removed_at, evidence_answered_at, evidence_failing_since,
       evidence_failure
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
            $7::timestamptz[], $8::timestamptz[], $9::text[], $10::timestamptz[],
            $11::timestamptz[], $12::timestamptz[], $13::timestamptz[], $14::text[])
  AS given(digest, registry, repository, host, environment, tags, first_seen_at, entry_at,
           entry_basis, missing_since, removed_at, evidence_answered_at, evidence_failing_since,
           evidence_failure)
ON CONFLICT ON CONSTRAINT locations_key DO UPDATE
SET host = EXCLUDED.host,
    environment = EXCLUDED.environment,
    tags = EXCLUDED.tags,
    first_seen_at = LEAST(known.first_seen_at, EXCLUDED.first_seen_at),
    entry_at = LEAST(known.entry_at, EXCLUDED.entry_at),
    entry_basis = CASE WHEN EXCLUDED.entry_at <= known.entry_at THEN EXCLUDED.entry_basis
                       ELSE known.entry_basis END,
    missing_since = EXCLUDED.missing_since,
    removed_at = EXCLUDED.removed_at,
    evidence_answered_at = LEAST(known.evidence_answered_at, EXCLUDED.evidence_answered_at),
    evidence_failing_since = EXCLUDED.evidence_failing_since,
    evidence_failure = EXCLUDED.evidence_failure
WHERE (known.host, known.environment, known.tags, known.missing_since, known.removed_at,
       known.evidence_failing_since, known.evidence_failure)
      IS DISTINCT FROM
      (EXCLUDED.host, EXCLUDED.environment, EXCLUDED.tags, EXCLUDED.missing_since,
       EXCLUDED.removed_at, EXCLUDED.evidence_failing_since, EXCLUDED.evidence_failure)
   OR EXCLUDED.first_seen_at < known.first_seen_at
   OR EXCLUDED.entry_at < known.entry_at
   OR (EXCLUDED.entry_at = known.entry_at AND EXCLUDED.entry_basis <> known.entry_basis)
   OR LEAST(known.evidence_answered_at, EXCLUDED.evidence_answered_at)
      IS DISTINCT FROM known.evidence_answered_at;

-- name: StoreLocationRemovals
INSERT INTO scanclock.location_removals (digest, registry, repository, removed_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
ON CONFLICT ON CONSTRAINT location_removals_key DO NOTHING;

-- name: StoreTags
-- Changes that are in the history already are passed over (the tag pointed there at the time, or it
-- was gone between two intervals), and so are those that change nothing. A
-- change that is dated before what is known (the wall clock stepped back) takes effect right after
-- it, because intervals must not overlap. The end of the present row comes before the new row: the
-- insert reads what the update returned.
WITH given AS (
  SELECT DISTINCT ON (registry, repository, tag, at) registry, repository, tag, digest, at, ordinal
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
    WITH ORDINALITY AS change(registry, repository, tag, digest, at, ordinal)
  ORDER BY registry, repository, tag, at, ordinal DESC
), unrecorded AS (
  SELECT given.registry, given.repository, given.tag, given.digest, given.ordinal,
         COALESCE(present.digest, '') AS present_digest,
         CASE WHEN known.until IS NULL OR given.at > known.until THEN given.at
              ELSE known.until + given.ordinal * interval '1 microsecond' END AS at
  FROM given
  LEFT JOIN scanclock.tags AS present
    ON present.registry = given.registry AND present.repository = given.repository
       AND present.tag = given.tag AND present.valid_to IS NULL
  LEFT JOIN LATERAL (
    SELECT max(GREATEST(valid_from, valid_to)) AS until
    FROM scanclock.tags AS past
    WHERE past.registry = given.registry AND past.repository = given.repository
      AND past.tag = given.tag) AS known ON true
  WHERE NOT EXISTS (
    SELECT FROM scanclock.tags AS same
    WHERE same.registry = given.registry AND same.repository = given.repository
      AND same.tag = given.tag
      AND CASE WHEN given.digest <> ''
               THEN same.digest = given.digest AND same.valid_from <= given.at
                    AND (same.valid_to > given.at OR same.valid_to IS NULL)
               ELSE same.valid_to <= given.at
                    AND (same.valid_to = given.at OR EXISTS (
                      SELECT FROM scanclock.tags AS later
                      WHERE later.registry = given.registry
                        AND later.repository = given.repository AND later.tag = given.tag
                        AND later.valid_from > given.at))
                    AND NOT EXISTS (
                      SELECT FROM scanclock.tags AS covering
                      WHERE covering.registry = given.registry
                        AND covering.repository = given.repository AND covering.tag = given.tag
                        AND covering.valid_from <= given.at
                        AND (covering.valid_to > given.at OR covering.valid_to IS NULL))
          END)
), compared AS (
  SELECT *, lag(digest, 1, present_digest) OVER tag_order AS digest_before
  FROM unrecorded
  WINDOW tag_order AS (PARTITION BY registry, repository, tag ORDER BY at, ordinal)
), changes AS (
  SELECT *,
         row_number() OVER tag_order AS number,
         lead(at) OVER tag_order AS next_at
  FROM compared
  WHERE digest <> digest_before
  WINDOW tag_order AS (PARTITION BY registry, repository, tag ORDER BY at, ordinal)
), ended AS (
  UPDATE scanclock.tags AS present
  SET valid_to = changes.at
  FROM changes
  WHERE changes.number = 1 AND present.registry = changes.registry
    AND present.repository = changes.repository AND present.tag = changes.tag
    AND present.valid_to IS NULL
  RETURNING present.tag
)
INSERT INTO scanclock.tags (registry, repository, tag, digest, valid_from, valid_to)
SELECT registry, repository, tag, digest, at, next_at
FROM changes CROSS JOIN (SELECT count(*) FROM ended) AS after_ending
WHERE digest <> '';
