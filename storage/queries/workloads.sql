-- name: StoreContainers
INSERT INTO scanclock.containers AS known (
  source, container_id, first_seen_at, last_seen_at, ended_at, end_known_by, namespace, workload,
  name, node, labels, image, image_id, assumed, digests, pullable, repositories, os, architecture,
  variant, os_version, started_at)
SELECT source, container_id, first_seen_at, last_seen_at, ended_at, end_known_by, namespace,
       workload, name, node, labels, image, image_id, assumed, digests::text[], pullable::text[],
       repositories::text[], os, architecture, variant, os_version, started_at
FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[],
            $6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::jsonb[],
            $12::text[], $13::text[], $14::boolean[], $15::text[], $16::text[], $17::text[],
            $18::text[], $19::text[], $20::text[], $21::text[], $22::timestamptz[])
  AS given(source, container_id, first_seen_at, last_seen_at, ended_at, end_known_by, namespace,
           workload, name, node, labels, image, image_id, assumed, digests, pullable, repositories,
           os, architecture, variant, os_version, started_at)
ON CONFLICT ON CONSTRAINT containers_key DO UPDATE
SET last_seen_at = GREATEST(known.last_seen_at, EXCLUDED.last_seen_at),
    ended_at = EXCLUDED.ended_at,
    end_known_by = EXCLUDED.end_known_by,
    namespace = EXCLUDED.namespace,
    workload = EXCLUDED.workload,
    name = EXCLUDED.name,
    node = EXCLUDED.node,
    labels = EXCLUDED.labels,
    image = EXCLUDED.image,
    image_id = EXCLUDED.image_id,
    assumed = EXCLUDED.assumed,
    digests = EXCLUDED.digests,
    pullable = EXCLUDED.pullable,
    repositories = EXCLUDED.repositories,
    os = EXCLUDED.os,
    architecture = EXCLUDED.architecture,
    variant = EXCLUDED.variant,
    os_version = EXCLUDED.os_version,
    started_at = EXCLUDED.started_at
WHERE EXCLUDED.last_seen_at > known.last_seen_at
   OR (known.ended_at, known.end_known_by, known.namespace, known.workload, known.name, known.node,
       known.labels, known.image, known.image_id, known.assumed, known.digests, known.pullable,
       known.repositories, known.os, known.architecture, known.variant, known.os_version,
       known.started_at)
      IS DISTINCT FROM
      (EXCLUDED.ended_at, EXCLUDED.end_known_by, EXCLUDED.namespace, EXCLUDED.workload,
       EXCLUDED.name, EXCLUDED.node, EXCLUDED.labels, EXCLUDED.image, EXCLUDED.image_id,
       EXCLUDED.assumed, EXCLUDED.digests, EXCLUDED.pullable, EXCLUDED.repositories, EXCLUDED.os,
       EXCLUDED.architecture, EXCLUDED.variant, EXCLUDED.os_version, EXCLUDED.started_at);

-- name: StoreContainerDigests
INSERT INTO scanclock.container_digests (source, container_id, digest, noted_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
ON CONFLICT ON CONSTRAINT container_digests_key DO NOTHING;

-- name: StoreCoverage
-- One row a source and cycle. An interval whose end lies before its begin, after the wall clock
-- stepped back, is one of no length.
INSERT INTO scanclock.coverage_intervals AS known (source, covered_from, covered_to, kind)
SELECT source, covered_from, GREATEST(covered_from, covered_to), kind
FROM unnest($1::text[], $2::timestamptz[], $3::timestamptz[], $4::text[])
  AS given(source, covered_from, covered_to, kind)
ON CONFLICT ON CONSTRAINT coverage_intervals_key DO UPDATE
SET covered_to = EXCLUDED.covered_to, kind = EXCLUDED.kind
WHERE EXCLUDED.covered_to > known.covered_to;

-- name: ListCoverage
SELECT source, kind, covered_from, covered_to
FROM scanclock.coverage_intervals
WHERE source = $1::text AND covered_to >= $2::timestamptz
ORDER BY covered_from;
