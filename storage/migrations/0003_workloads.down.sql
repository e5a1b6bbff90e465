-- Takes the record of past verdicts with it; containers and their intervals stay.
DROP TABLE scanclock.retention_horizons;
DROP TABLE scanclock.image_observations;
DROP TABLE scanclock.container_verdicts;
DROP TABLE scanclock.container_printed_images;
ALTER TABLE scanclock.containers
  DROP COLUMN end_known_by,
  DROP COLUMN pullable,
  DROP COLUMN assumed,
  DROP COLUMN image_id;
