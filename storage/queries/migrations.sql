-- name: LockMigrations
-- Ends with the transaction; a session lock would be lost or leaked behind pgbouncer. The key is an
-- arbitrary constant of this program.
SELECT pg_advisory_xact_lock(7163104958230117);

-- name: FindMigrationTable
SELECT to_regnamespace('scanclock') IS NOT NULL AS schema_exists,
       to_regclass('scanclock.schema_migrations') IS NOT NULL AS table_exists;

-- name: CreateMigrationSchema
CREATE SCHEMA scanclock;

-- name: CreateMigrationTable
CREATE TABLE scanclock.schema_migrations (
  version integer CONSTRAINT schema_migrations_key PRIMARY KEY,
  name text NOT NULL,
  checksum text NOT NULL,
  applied_at timestamptz NOT NULL
);

-- name: ListAppliedMigrations
SELECT version, name, checksum, applied_at
FROM scanclock.schema_migrations
ORDER BY version;

-- name: RecordMigration
INSERT INTO scanclock.schema_migrations (version, name, checksum, applied_at)
VALUES ($1, $2, $3, $4);

-- name: ForgetMigration
DELETE FROM scanclock.schema_migrations WHERE version = $1;
