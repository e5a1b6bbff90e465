-- name: StoreAlerts
-- A row never goes back to an earlier event of its episode.
INSERT INTO scanclock.alerts AS known (
  id, rule, subject, policy, severity, firing, resolved_reason, environment, owner, labels,
  annotations, stage, sequence, started_at, ended_at, last_notified_at, told)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::boolean[],
                     $7::text[], $8::text[], $9::text[], $10::jsonb[], $11::jsonb[],
                     $12::integer[], $13::bigint[], $14::timestamptz[], $15::timestamptz[],
                     $16::timestamptz[], $17::jsonb[])
ON CONFLICT ON CONSTRAINT alerts_key DO UPDATE
SET severity = EXCLUDED.severity,
    firing = EXCLUDED.firing,
    resolved_reason = EXCLUDED.resolved_reason,
    environment = EXCLUDED.environment,
    owner = EXCLUDED.owner,
    labels = EXCLUDED.labels,
    annotations = EXCLUDED.annotations,
    stage = EXCLUDED.stage,
    sequence = EXCLUDED.sequence,
    ended_at = EXCLUDED.ended_at,
    last_notified_at = EXCLUDED.last_notified_at,
    told = EXCLUDED.told
WHERE known.sequence <= EXCLUDED.sequence
  AND (known.severity, known.firing, known.resolved_reason, known.environment, known.owner,
       known.labels, known.annotations, known.stage, known.sequence, known.ended_at,
       known.last_notified_at, known.told)
      IS DISTINCT FROM
      (EXCLUDED.severity, EXCLUDED.firing, EXCLUDED.resolved_reason, EXCLUDED.environment,
       EXCLUDED.owner, EXCLUDED.labels, EXCLUDED.annotations, EXCLUDED.stage, EXCLUDED.sequence,
       EXCLUDED.ended_at, EXCLUDED.last_notified_at, EXCLUDED.told);

-- name: StoreAlertEvents
INSERT INTO scanclock.alert_events (alert_id, sequence, kind, at, reason)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::timestamptz[], $5::text[])
ON CONFLICT ON CONSTRAINT alert_events_key DO NOTHING;

-- name: FindAlert
SELECT id, rule, subject, policy, severity, firing, resolved_reason, environment, owner, labels,
       annotations, stage, sequence, started_at, ended_at, last_notified_at, told
FROM scanclock.alerts
WHERE id = $1::text;

-- name: ListAlertsAbout
SELECT id, rule, subject, policy, severity, firing, resolved_reason, environment, owner, labels,
       annotations, stage, sequence, started_at, ended_at, last_notified_at, told
FROM scanclock.alerts
WHERE subject = $1::text
ORDER BY started_at DESC, id
LIMIT $2::bigint;

-- name: ListAlertEvents
SELECT alert_id, sequence, kind, at, reason
FROM scanclock.alert_events
WHERE alert_id = $1::text
ORDER BY sequence DESC
LIMIT $2::bigint;

-- name: StoreMessages
-- In the order given, because positions are the order of delivery within an alert.
INSERT INTO scanclock.outbox (id, receiver, alert_id, sequence, type, body, created_at,
                              attempts, next_attempt_at, last_error, alert_ids, due_since)
SELECT id, receiver, alert_id, sequence, type, body, created_at, attempts, next_attempt_at,
       last_error, alert_ids::text[], due_since
FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[],
            $7::timestamptz[], $8::integer[], $9::timestamptz[], $10::text[], $11::text[],
            $12::timestamptz[])
  WITH ORDINALITY AS given(id, receiver, alert_id, sequence, type, body, created_at, attempts,
                           next_attempt_at, last_error, alert_ids, due_since, ordinal)
ORDER BY ordinal
ON CONFLICT ON CONSTRAINT outbox_key DO NOTHING;

-- name: StoreAlertGroups
INSERT INTO scanclock.alert_groups AS known (receiver, key, id, labels, sequence, flushed_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::bigint[],
                     $6::timestamptz[])
ON CONFLICT ON CONSTRAINT alert_groups_key DO UPDATE
SET receiver = EXCLUDED.receiver,
    key = EXCLUDED.key,
    labels = EXCLUDED.labels,
    sequence = EXCLUDED.sequence,
    flushed_at = EXCLUDED.flushed_at
WHERE known.sequence < EXCLUDED.sequence;
