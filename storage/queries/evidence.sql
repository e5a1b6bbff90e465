-- name: ClaimEvidenceKeys
-- Returns only what was not known: the rows that are to be appended to the chain.
INSERT INTO scanclock.evidence_keys (digest, attached_to, trust, collected_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])
ON CONFLICT ON CONSTRAINT evidence_keys_identity DO NOTHING
RETURNING id, digest, attached_to, trust;

-- name: PrepareEvidenceMonth
SELECT scanclock.prepare_evidence_month($1::date);

-- name: OpenEvidenceChain
INSERT INTO scanclock.evidence_chains (month, length, head)
VALUES ($1::date, 0, $2::text)
ON CONFLICT ON CONSTRAINT evidence_chains_key DO NOTHING;

-- name: LockEvidenceChain
SELECT length, head FROM scanclock.evidence_chains WHERE month = $1::date FOR UPDATE;

-- name: AdvanceEvidenceChain
UPDATE scanclock.evidence_chains SET length = $2::bigint, head = $3::text WHERE month = $1::date;

-- name: StoreEvidence
INSERT INTO scanclock.evidence (
  id, chain_month, chain_position, row_hash, digest, attached_to, trust, source, origin, repository,
  collected_at, size_bytes, format, scanner, scanner_version, finished_at, finished_at_field,
  database_built_at, subjects, subject_config, inner_subjects, platform, names, critical, high,
  medium, low, unknown, defect, defect_detail, signature_state, signature_detail)
SELECT id, chain_month, chain_position, row_hash, digest, attached_to, trust, source, origin,
       repository, collected_at, size_bytes, format, scanner, scanner_version, finished_at,
       finished_at_field, database_built_at, subjects::text[], subject_config,
       inner_subjects::text[], platform::text[], names::text[], critical, high, medium, low,
       unknown, defect, defect_detail, signature_state, signature_detail
FROM unnest($1::bigint[], $2::date[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::text[], $9::text[], $10::text[], $11::timestamptz[], $12::bigint[], $13::text[],
            $14::text[], $15::text[], $16::timestamptz[], $17::text[], $18::timestamptz[],
            $19::text[], $20::text[], $21::text[], $22::text[], $23::text[], $24::bigint[],
            $25::bigint[], $26::bigint[], $27::bigint[], $28::bigint[], $29::text[], $30::text[],
            $31::text[], $32::text[])
  AS given(id, chain_month, chain_position, row_hash, digest, attached_to, trust, source, origin,
           repository, collected_at, size_bytes, format, scanner, scanner_version, finished_at,
           finished_at_field, database_built_at, subjects, subject_config, inner_subjects, platform,
           names, critical, high, medium, low, unknown, defect, defect_detail, signature_state,
           signature_detail);

-- name: StoreEvidenceBytes
-- Small pieces, many at a time.
INSERT INTO scanclock.evidence_bytes (digest, size_bytes, zstd, stored_at)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::timestamptz[])
ON CONFLICT ON CONSTRAINT evidence_bytes_key DO NOTHING;

-- name: StoreLargeEvidenceBytes
INSERT INTO scanclock.evidence_bytes (digest, size_bytes, zstd, stored_at)
VALUES ($1::text, $2::bigint, $3::bytea, $4::timestamptz)
ON CONFLICT ON CONSTRAINT evidence_bytes_key DO NOTHING;

-- name: FindEvidenceBytes
SELECT size_bytes, zstd FROM scanclock.evidence_bytes WHERE digest = $1::text;

-- name: StoreDecisions
-- A row is added only when it differs from the newest for its evidence and policy version. The
-- last condition makes a whole sequence of decisions bear being stored again.
WITH given AS (
  SELECT keys.id AS evidence_id, policy, policy_version, accepted, reason, detail, decided_at,
         ordinal, ARRAY[accepted::text, COALESCE(reason, ''), detail] AS content
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::boolean[],
              $7::text[], $8::text[], $9::timestamptz[])
    WITH ORDINALITY AS decision(digest, attached_to, trust, policy, policy_version, accepted,
                                reason, detail, decided_at, ordinal)
  JOIN scanclock.evidence_keys AS keys USING (digest, attached_to, trust)
), compared AS (
  SELECT given.*,
         COALESCE(lag(given.content) OVER decision_order, newest.content) AS content_before
  FROM given
  LEFT JOIN LATERAL (
    SELECT ARRAY[accepted::text, COALESCE(reason, ''), detail] AS content
    FROM scanclock.evidence_decisions AS past
    WHERE past.evidence_id = given.evidence_id AND past.policy = given.policy
      AND past.policy_version = given.policy_version
    ORDER BY past.id DESC
    LIMIT 1) AS newest ON true
  WINDOW decision_order AS (PARTITION BY given.evidence_id, given.policy, given.policy_version
                            ORDER BY given.ordinal)
), stored AS (
  INSERT INTO scanclock.evidence_decisions (evidence_id, policy, policy_version, accepted, reason,
                                            detail, decided_at)
  SELECT evidence_id, policy, policy_version, accepted, reason, detail, decided_at
  FROM compared
  WHERE content IS DISTINCT FROM content_before
    AND NOT EXISTS (
      SELECT FROM scanclock.evidence_decisions AS same
      WHERE same.evidence_id = compared.evidence_id AND same.policy = compared.policy
        AND same.policy_version = compared.policy_version
        AND same.decided_at = compared.decided_at AND same.accepted = compared.accepted
        AND same.reason IS NOT DISTINCT FROM compared.reason AND same.detail = compared.detail)
  ORDER BY ordinal
  RETURNING id
)
SELECT (SELECT count(*) FROM given) AS known, (SELECT count(*) FROM stored) AS stored;

-- name: ListEvidenceChains
SELECT month::text AS month, length, head FROM scanclock.evidence_chains ORDER BY month;

-- name: ListEvidenceMonths
SELECT chain_month::text AS month, count(*) AS rows
FROM scanclock.evidence
GROUP BY chain_month
ORDER BY month;

-- name: ReadEvidenceChain
SELECT chain_position, row_hash, digest, attached_to, trust, source, origin, repository,
       collected_at, size_bytes, format, scanner, scanner_version, finished_at, finished_at_field,
       database_built_at, subjects, subject_config, inner_subjects, platform, names, critical,
       high, medium, low, unknown, defect, defect_detail, signature_state, signature_detail
FROM scanclock.evidence
WHERE chain_month = $1::date AND chain_position > $2::bigint
ORDER BY chain_position, collected_at
LIMIT $3::bigint;

-- name: LockPolicy
-- The row lock makes two daemons number the versions of a policy one after the other.
INSERT INTO scanclock.policies AS known (name, first_used_at)
VALUES ($1::text, $2::timestamptz)
ON CONFLICT ON CONSTRAINT policies_key DO UPDATE SET name = known.name;

-- name: AddPolicyVersion
INSERT INTO scanclock.policy_versions (policy, version, content, content_sha256, first_used_at)
SELECT $1::text, COALESCE(max(version), 0) + 1, $2::text, sha256(convert_to($2::text, 'UTF8')),
       $3::timestamptz
FROM scanclock.policy_versions
WHERE policy = $1::text
ON CONFLICT ON CONSTRAINT policy_versions_content_once DO NOTHING;

-- name: FindPolicyVersion
SELECT version FROM scanclock.policy_versions
WHERE policy = $1::text AND content_sha256 = sha256(convert_to($2::text, 'UTF8'));

-- name: RecordPolicyUse
INSERT INTO scanclock.policy_uses (policy, version, used_from)
SELECT $1::text, $2::integer, $3::timestamptz
WHERE $2::integer IS DISTINCT FROM (
  SELECT version FROM scanclock.policy_uses WHERE policy = $1::text ORDER BY id DESC LIMIT 1);
