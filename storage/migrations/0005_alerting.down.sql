DROP TABLE scanclock.acknowledgements;
DROP TABLE scanclock.silences;
DROP TABLE scanclock.alert_groups;
DROP INDEX scanclock.alerts_by_subject;
ALTER TABLE scanclock.outbox SET (fillfactor = 70);
DROP INDEX scanclock.outbox_order;
CREATE INDEX outbox_order ON scanclock.outbox (receiver, alert_id, position)
  WHERE state = 'waiting';
DROP INDEX scanclock.outbox_by_grouped_alert;
DROP INDEX scanclock.outbox_by_alert;
DROP INDEX scanclock.outbox_by_position;
ALTER TABLE scanclock.outbox DROP COLUMN due_since, DROP COLUMN alert_ids;
-- The earlier release reads the names of those that were told from an annotation.
UPDATE scanclock.alerts AS alert
SET annotations = alert.annotations || jsonb_build_object('receivers', (
      SELECT string_agg(name, ',' ORDER BY name) FROM jsonb_object_keys(alert.told) AS name))
WHERE alert.told <> '{}';
ALTER TABLE scanclock.alerts DROP COLUMN owes_end;
ALTER TABLE scanclock.alerts DROP COLUMN told;
