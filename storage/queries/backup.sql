-- name: DropSchema
DROP SCHEMA IF EXISTS scanclock CASCADE;
