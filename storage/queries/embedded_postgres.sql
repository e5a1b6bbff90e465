-- name: FindEmbeddedDatabase
SELECT 1 AS found FROM pg_database WHERE datname = 'scanclock';

-- name: CreateEmbeddedDatabase
CREATE DATABASE scanclock;
