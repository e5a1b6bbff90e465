-- name: ClaimMessages
-- For each alert only the oldest message that waits, claimed ones included: order is kept per
-- alert. SKIP LOCKED lets claimers work side by side; a row that another one took meanwhile is
-- judged anew under its lock and passed over. A comparison with min(), unlike NOT EXISTS, cannot
-- become a join over all that waits, and as `<=` it is not taken for a rare match, which would
-- have all of them sorted. `finished_at IS NULL` says the same as `state = 'waiting'`, but only
-- outbox_order is known to hold such rows: the statistics of an outbox that was empty a while ago
-- would make outbox_due look as good, which has to be read through for every message.
-- The lease is looked at and not locked, because a claim is a lease of its own. The claim does not
-- wait for the disk: one that a crash of the server undoes is made again, under the same id.
-- Always at least one row: without a message it tells whether the lease is held.
WITH due AS MATERIALIZED (
  SELECT id
  FROM scanclock.outbox AS message
  WHERE receiver = $1::text AND state = 'waiting' AND next_attempt_at <= $2::timestamptz
    AND (locked_until IS NULL OR locked_until <= $2::timestamptz)
    AND position <= (
      SELECT min(older.position)
      FROM scanclock.outbox AS older
      WHERE older.receiver = message.receiver AND older.alert_id = message.alert_id
        AND older.finished_at IS NULL)
    AND EXISTS (
      SELECT FROM scanclock.lease
      WHERE name = 'daemon' AND holder = $5::text AND term = $6::bigint)
  ORDER BY next_attempt_at, position
  LIMIT $4::bigint
  FOR UPDATE SKIP LOCKED
), claimed AS (
  UPDATE scanclock.outbox
  SET attempts = attempts + 1, claimed_at = $2::timestamptz, locked_until = $3::timestamptz
  WHERE id = ANY (ARRAY(SELECT id FROM due))
  RETURNING *
)
SELECT lease.held, id, receiver, alert_id, alert_ids, sequence, type, body, created_at, due_since,
       attempts, next_attempt_at, last_error
FROM (
  SELECT set_config('synchronous_commit', 'off', true) AS commits,
         EXISTS (
           SELECT FROM scanclock.lease
           WHERE name = 'daemon' AND holder = $5::text AND term = $6::bigint) AS held) AS lease
LEFT JOIN claimed ON lease.commits = 'off'
ORDER BY next_attempt_at, position;

-- name: CheckLease
SELECT EXISTS (
  SELECT FROM scanclock.lease
  WHERE name = 'daemon' AND holder = $1::text AND term = $2::bigint) AS held;

-- name: RecordDelivered
-- Not fenced: what a receiver has got is a fact, whoever brought it.
WITH finished AS (
  UPDATE scanclock.outbox
  SET state = 'delivered', finished_at = $2::timestamptz, locked_until = NULL
  WHERE id = $1::text AND state <> 'delivered'
  RETURNING id, alert_id, receiver, attempts
)
INSERT INTO scanclock.deliveries (message_id, alert_id, receiver, attempt, at, outcome, status,
                                  error)
SELECT id, alert_id, receiver, attempts, $2::timestamptz, 'delivered', $3::integer, ''
FROM finished
ON CONFLICT ON CONSTRAINT deliveries_attempt_once DO NOTHING;

-- name: RecordAllDelivered
-- The same for many. Rows are found by all their ids at once, as in ClaimMessages, and not one by
-- one from a join, for which the planner may read through the whole table. Two batches that share
-- messages come to them in the order of the table, and so do not wait for each other.
WITH brought AS MATERIALIZED (
  SELECT DISTINCT ON (id) id, at, status
  FROM unnest($1::text[], $2::timestamptz[], $3::integer[]) AS brought(id, at, status)
), finished AS (
  UPDATE scanclock.outbox AS message
  SET state = 'delivered', finished_at = brought.at, locked_until = NULL
  FROM brought
  WHERE message.id = ANY (ARRAY(SELECT id FROM brought)) AND message.id = brought.id
    AND message.state <> 'delivered'
  RETURNING message.id, message.alert_id, message.receiver, message.attempts, brought.at,
            brought.status
)
INSERT INTO scanclock.deliveries (message_id, alert_id, receiver, attempt, at, outcome, status,
                                  error)
SELECT id, alert_id, receiver, attempts, at, 'delivered', status, ''
FROM finished
ON CONFLICT ON CONSTRAINT deliveries_attempt_once DO NOTHING;

-- name: ReleaseMessages
UPDATE scanclock.outbox
SET locked_until = NULL, attempts = GREATEST(attempts - 1, 0)
WHERE id = ANY ($1::text[]) AND state = 'waiting' AND locked_until IS NOT NULL;

-- name: RecordRetry
WITH failed AS (
  UPDATE scanclock.outbox
  SET next_attempt_at = $2::timestamptz, locked_until = NULL, last_error = $3::text
  WHERE id = $1::text AND state = 'waiting'
  RETURNING id, alert_id, receiver, attempts, COALESCE(claimed_at, created_at) AS at
)
INSERT INTO scanclock.deliveries (message_id, alert_id, receiver, attempt, at, outcome, status,
                                  error)
SELECT id, alert_id, receiver, attempts, at, 'failed', NULLIF($4::integer, 0), $3::text
FROM failed
ON CONFLICT ON CONSTRAINT deliveries_attempt_once DO NOTHING;

-- name: RecordSetAside
WITH finished AS (
  UPDATE scanclock.outbox
  SET state = 'set_aside', finished_at = $2::timestamptz, locked_until = NULL,
      last_error = $3::text
  WHERE id = $1::text AND state = 'waiting'
  RETURNING id, alert_id, receiver, attempts
)
INSERT INTO scanclock.deliveries (message_id, alert_id, receiver, attempt, at, outcome, status,
                                  error)
SELECT id, alert_id, receiver, attempts, $2::timestamptz, 'set_aside', NULLIF($4::integer, 0),
       $3::text
FROM finished
ON CONFLICT ON CONSTRAINT deliveries_attempt_once DO NOTHING;

-- name: FindNextDue
-- A message behind an older one of its alert is due no earlier than that one. So the first in the
-- order of due times that is free and nobody's follower decides, together with the claimed ones
-- before it, which may become free earlier; what comes after it is not read.
WITH free AS MATERIALIZED (
  SELECT next_attempt_at, position
  FROM scanclock.outbox AS message
  WHERE receiver = $1::text AND state = 'waiting' AND locked_until IS NULL
    AND position <= (
      SELECT min(older.position)
      FROM scanclock.outbox AS older
      WHERE older.receiver = message.receiver AND older.alert_id = message.alert_id
        AND older.finished_at IS NULL)
  ORDER BY next_attempt_at, position
  LIMIT 1)
SELECT LEAST(
  (SELECT next_attempt_at FROM free),
  (SELECT min(GREATEST(next_attempt_at, locked_until))
   FROM scanclock.outbox
   WHERE receiver = $1::text AND state = 'waiting' AND locked_until IS NOT NULL
     AND (next_attempt_at, position) < (
       COALESCE((SELECT next_attempt_at FROM free), 'infinity'),
       COALESCE((SELECT position FROM free), 9223372036854775807)))) AS due_at;

-- name: CountMessages
-- Two halves, each with an index that holds nothing else.
SELECT receiver, sum(waiting)::bigint AS waiting, sum(set_aside)::bigint AS set_aside,
       min(created_at) AS oldest_waiting_at
FROM (
  SELECT receiver, 1 AS waiting, 0 AS set_aside, created_at
  FROM scanclock.outbox WHERE state = 'waiting'
  UNION ALL
  SELECT receiver, 0, 1, NULL
  FROM scanclock.outbox WHERE state = 'set_aside') AS unfinished
GROUP BY receiver
ORDER BY receiver;

-- name: ListDeliveries
-- A group's message counts for each of the alerts that it tells of. The newest fifty of each alert:
-- one that fires for months is repeated every few hours.
WITH brought AS (
  SELECT alert_id, receiver, at, attempt, id
  FROM scanclock.deliveries
  WHERE outcome = 'delivered' AND alert_id = ANY ($1::text[])
  UNION ALL
  SELECT told.alert_id, delivery.receiver, delivery.at, delivery.attempt, delivery.id
  FROM scanclock.outbox AS message
  CROSS JOIN LATERAL unnest(message.alert_ids) AS told(alert_id)
  JOIN scanclock.deliveries AS delivery
    ON delivery.message_id = message.id AND delivery.outcome = 'delivered'
  WHERE message.alert_ids <> '{}' AND message.alert_ids && $1::text[]
    AND told.alert_id = ANY ($1::text[]) AND told.alert_id <> message.alert_id
), ranked AS (
  SELECT brought.*, row_number() OVER (PARTITION BY alert_id ORDER BY at DESC, id DESC) AS age
  FROM brought
)
SELECT alert_id, receiver, at, attempt
FROM ranked
WHERE age <= 50
ORDER BY alert_id, at, id;
