-- name: BeginTransaction
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;

-- name: BeginSnapshot
-- Every statement of such a transaction sees the same moment.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;

-- name: CommitTransaction
COMMIT;

-- name: RollbackTransaction
ROLLBACK;

-- name: LimitTransaction
-- Local to the transaction, so that it also holds behind pgbouncer in transaction mode.
SELECT set_config('statement_timeout', $1, true),
       set_config('lock_timeout', $2, true),
       set_config('idle_in_transaction_session_timeout', $3, true);

-- name: UseUtcSession
-- pgbouncer tracks both settings for each of its clients and carries them from server to server.
SELECT set_config('TimeZone', 'UTC', false),
       set_config('DateStyle', 'ISO, MDY', false);
