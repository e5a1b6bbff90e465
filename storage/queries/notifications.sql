-- name: ListNotifications
-- Empty values match everything. The parameters are known when the query is planned, so that what
-- they leave out costs nothing.
SELECT id, position, receiver, alert_id, alert_ids[1:$7::integer] AS alert_ids,
       cardinality(alert_ids) AS grouped_alerts, sequence, type, state, created_at,
       next_attempt_at, finished_at, last_error, attempts
FROM scanclock.outbox
WHERE position < $1::bigint
  AND ($2::text = '' OR receiver = $2::text)
  AND ($3::text = '' OR state = $3::text)
  AND ($4::text = '' OR alert_id = $4::text
       OR (alert_ids <> '{}' AND alert_ids @> ARRAY[$4::text]))
  AND ($5::timestamptz IS NULL OR created_at >= $5::timestamptz)
ORDER BY position DESC
LIMIT $6::bigint;

-- name: FindNotification
SELECT id, position, receiver, alert_id, alert_ids, cardinality(alert_ids) AS grouped_alerts,
       sequence, type, state, created_at, next_attempt_at, finished_at, last_error, attempts, body
FROM scanclock.outbox
WHERE id = $1::text;

-- name: ListAttempts
-- The newest of each message, given oldest first.
SELECT message_id, attempt, at, outcome, status, error
FROM unnest($1::text[]) AS wanted(id)
CROSS JOIN LATERAL (
  SELECT message_id, attempt, at, outcome, status, error, delivery.id
  FROM scanclock.deliveries AS delivery
  WHERE delivery.message_id = wanted.id
  ORDER BY attempt DESC, delivery.id DESC
  LIMIT $2::bigint) AS newest
ORDER BY message_id, attempt, newest.id;

-- name: RetryMessage
-- One that is on its way keeps its claim, so that it is not sent twice at once.
UPDATE scanclock.outbox
SET state = 'waiting', finished_at = NULL, next_attempt_at = $2::timestamptz,
    due_since = $2::timestamptz
WHERE id = $1::text AND state <> 'delivered'
RETURNING id;

-- name: ReplayMessages
WITH again AS (
  UPDATE scanclock.outbox
  SET state = 'waiting', finished_at = NULL, next_attempt_at = $3::timestamptz,
      due_since = $3::timestamptz, locked_until = NULL
  WHERE receiver = $1::text AND created_at >= $2::timestamptz AND state <> 'waiting'
  RETURNING 1
)
SELECT count(*) AS messages FROM again;

-- name: RescheduleMessages
-- Claims end, too: by a clock that was set back they would hold for as long.
UPDATE scanclock.outbox
SET next_attempt_at = LEAST(next_attempt_at, $2::timestamptz), due_since = $2::timestamptz,
    locked_until = NULL
WHERE receiver = $1::text AND state = 'waiting'
  AND ($3::timestamptz IS NULL OR next_attempt_at > $3::timestamptz
       OR locked_until > $3::timestamptz);
