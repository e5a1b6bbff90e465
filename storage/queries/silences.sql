-- name: StoreSilences
-- What a silence says never changes; it can be ended, once.
INSERT INTO scanclock.silences AS known (
  id, matchers, author, reason, created_at, starts_at, expires_at, ended_at, ended_by)
SELECT id, matchers::text[], author, reason, created_at, starts_at, expires_at, ended_at, ended_by
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[],
            $7::timestamptz[], $8::timestamptz[], $9::text[])
  AS given(id, matchers, author, reason, created_at, starts_at, expires_at, ended_at, ended_by)
ON CONFLICT ON CONSTRAINT silences_key DO UPDATE
SET ended_at = EXCLUDED.ended_at,
    ended_by = EXCLUDED.ended_by
WHERE known.ended_at IS NULL AND EXCLUDED.ended_at IS NOT NULL;

-- name: StoreAcknowledgements
INSERT INTO scanclock.acknowledgements AS known (
  alert_id, at, author, reason, expires_at, ended_at)
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::timestamptz[],
                     $6::timestamptz[])
ON CONFLICT ON CONSTRAINT acknowledgements_key DO UPDATE
SET ended_at = EXCLUDED.ended_at
WHERE known.ended_at IS NULL AND EXCLUDED.ended_at IS NOT NULL;

-- name: ListSilences
SELECT id, matchers, author, reason, created_at, starts_at, expires_at, ended_at, ended_by
FROM scanclock.silences
WHERE expires_at >= $1::timestamptz AND (ended_at IS NULL OR ended_at >= $1::timestamptz)
ORDER BY created_at DESC, id DESC
LIMIT $2::bigint;

-- name: ListAcknowledgements
SELECT alert_id, at, author, reason, expires_at, ended_at
FROM scanclock.acknowledgements
WHERE alert_id = $1::text
ORDER BY at DESC;
