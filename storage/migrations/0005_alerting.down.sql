DROP TABLE scanclock.acknowledgements;
DROP TABLE scanclock.silences;
DROP TABLE scanclock.alert_groups;
DROP INDEX scanclock.alerts_by_subject;
DROP INDEX scanclock.deliveries_by_message;
DROP INDEX scanclock.outbox_by_grouped_alert;
DROP INDEX scanclock.outbox_by_alert;
DROP INDEX scanclock.outbox_by_position;
ALTER TABLE scanclock.outbox DROP COLUMN due_since, DROP COLUMN alert_ids;
-- The earlier release reads the names of those that were told from an annotation.
UPDATE scanclock.alerts AS alert
SET annotations = alert.annotations || jsonb_build_object('receivers', (
      SELECT string_agg(name, ',' ORDER BY name) FROM jsonb_object_keys(alert.told) AS name))
WHERE alert.told <> '{}';
ALTER TABLE scanclock.alerts DROP COLUMN told;
