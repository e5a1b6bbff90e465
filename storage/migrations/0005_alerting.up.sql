-- Which event each receiver was last told of: what a receiver was not told of is owed to it.
ALTER TABLE scanclock.alerts ADD COLUMN told jsonb NOT NULL DEFAULT '{}';
-- Earlier releases kept the names of those that were told, as an annotation.
UPDATE scanclock.alerts AS alert
SET told = COALESCE((
      SELECT jsonb_object_agg(trim(name), alert.sequence)
      FROM unnest(string_to_array(alert.annotations ->> 'receivers', ',')) AS name
      WHERE trim(name) <> ''), '{}'),
    annotations = alert.annotations - 'receivers'
WHERE alert.annotations ? 'receivers';
-- A receiver that was told of the alert has not been told yet that it ended; groups, which stand
-- in `told` as well, are none. By its index the start finds these among years of ended alerts.
ALTER TABLE scanclock.alerts ADD COLUMN owes_end boolean NOT NULL GENERATED ALWAYS AS (
  NOT firing
  AND jsonb_path_exists(
    told, '$.keyvalue() ? (!(@.key starts with "grp_") && @.value < $newest)',
    ('{"newest":' || sequence::text || '}')::jsonb)
) STORED;
CREATE INDEX alerts_owing ON scanclock.alerts (ended_at) WHERE owes_end;

-- What an image's page tells of alerts that ended long ago.
CREATE INDEX alerts_by_subject ON scanclock.alerts (subject, started_at);

-- A message of a group tells of several alerts. A message that is sent again on request is given
-- the full time for its attempts anew.
ALTER TABLE scanclock.outbox
  ADD COLUMN alert_ids text[] NOT NULL DEFAULT '{}',
  ADD COLUMN due_since timestamptz;
-- The ledger of notifications, newest first.
CREATE INDEX outbox_by_position ON scanclock.outbox (position);
CREATE INDEX outbox_by_alert ON scanclock.outbox (alert_id, position);
CREATE INDEX outbox_by_grouped_alert ON scanclock.outbox USING gin (alert_ids)
  WHERE alert_ids <> '{}';
-- Claiming finds due messages by outbox_due and the oldest of an alert by this one. With the same
-- condition the planner took one for the other when its statistics were of an empty outbox.
DROP INDEX scanclock.outbox_order;
CREATE INDEX outbox_order ON scanclock.outbox (receiver, alert_id, position)
  WHERE finished_at IS NULL;
-- So that a claim finds room for the new version of its row beside the old one, and leaves all
-- indexes alone.
ALTER TABLE scanclock.outbox SET (fillfactor = 50);

CREATE TABLE scanclock.alert_groups (
  receiver text NOT NULL,
  key text NOT NULL,
  id text NOT NULL,
  labels jsonb NOT NULL,
  sequence bigint NOT NULL,
  flushed_at timestamptz NOT NULL,
  CONSTRAINT alert_groups_key PRIMARY KEY (id)
);

-- Silences and acknowledgements are part of the record: they are ended, and deleted by the
-- retention only.
CREATE TABLE scanclock.silences (
  id text CONSTRAINT silences_key PRIMARY KEY,
  matchers text[] NOT NULL,
  author text NOT NULL,
  reason text NOT NULL,
  created_at timestamptz NOT NULL,
  starts_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  ended_by text NOT NULL DEFAULT '',
  CONSTRAINT silences_have_matchers CHECK (cardinality(matchers) > 0),
  CONSTRAINT silences_expire CHECK (expires_at > starts_at)
);
CREATE INDEX silences_by_expiry ON scanclock.silences (expires_at);

CREATE TABLE scanclock.acknowledgements (
  alert_id text NOT NULL,
  at timestamptz NOT NULL,
  author text NOT NULL,
  reason text NOT NULL,
  expires_at timestamptz NOT NULL,
  ended_at timestamptz,
  CONSTRAINT acknowledgements_key PRIMARY KEY (alert_id, at)
);
CREATE INDEX acknowledgements_by_expiry ON scanclock.acknowledgements (expires_at);
