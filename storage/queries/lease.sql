-- name: AcquireLease
-- Database time on purpose: the clocks of two daemons may differ by more than the lease lasts. The
-- first condition keeps a waiting daemon from locking the row while the lease is alive; the second
-- decides under the lock.
INSERT INTO scanclock.lease AS held (name, holder, term, acquired_at, expires_at)
SELECT 'daemon', $1::text, 1, clock_timestamp(),
       clock_timestamp() + $2::bigint * interval '1 microsecond'
WHERE NOT EXISTS (
  SELECT FROM scanclock.lease
  WHERE name = 'daemon' AND holder <> $1::text AND expires_at > clock_timestamp())
ON CONFLICT (name) DO UPDATE
SET holder = EXCLUDED.holder,
    term = held.term + 1,
    acquired_at = EXCLUDED.acquired_at,
    expires_at = EXCLUDED.expires_at
WHERE held.holder = EXCLUDED.holder OR held.expires_at <= clock_timestamp()
RETURNING term;

-- name: RenewLease
UPDATE scanclock.lease
SET expires_at = clock_timestamp() + $3::bigint * interval '1 microsecond'
WHERE name = 'daemon' AND holder = $1::text AND term = $2::bigint;

-- name: ReleaseLease
UPDATE scanclock.lease
SET expires_at = clock_timestamp()
WHERE name = 'daemon' AND holder = $1::text AND term = $2::bigint;

-- name: FenceByLease
-- The row lock is held until the transaction ends: a takeover, which changes a key column, waits
-- for it, while renewals do not. The advisory lock, an arbitrary constant of this program, makes
-- the writers of one term queue instead of meeting in deadlocks.
SELECT term, pg_advisory_xact_lock(7163104958230118) FROM scanclock.lease
WHERE name = 'daemon' AND holder = $1::text AND term = $2::bigint
FOR KEY SHARE;

-- name: FindLease
SELECT holder, term, acquired_at, expires_at, expires_at > clock_timestamp() AS alive
FROM scanclock.lease
WHERE name = 'daemon';
