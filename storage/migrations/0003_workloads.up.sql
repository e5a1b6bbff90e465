-- What ran at a past moment, what its runtime printed of its image then, and what was concluded.

-- What the runtime printed of the image, as text, and whether the digests are those of a reference
-- that may have moved since the container started; the digests that a registry can be asked for;
-- and how the end is known: 'seen' in a view or an event, or 'confirmed' by an operator.
ALTER TABLE scanclock.containers
  ADD COLUMN image_id text NOT NULL DEFAULT '',
  ADD COLUMN assumed boolean NOT NULL DEFAULT false,
  ADD COLUMN pullable text[] NOT NULL DEFAULT '{}',
  ADD COLUMN end_known_by text NOT NULL DEFAULT 'seen',
  ADD CONSTRAINT containers_end_known_by_known CHECK (end_known_by IN ('seen', 'confirmed'));

-- What a container printed of its image until a moment, where it printed something else later. Most
-- containers never do, so that most have no row.
CREATE TABLE scanclock.container_printed_images (
  source text NOT NULL,
  container_id text NOT NULL,
  first_seen_at timestamptz NOT NULL,
  printed_until timestamptz NOT NULL,
  image text NOT NULL,
  image_id text NOT NULL,
  digests text[] NOT NULL,
  assumed boolean NOT NULL,
  CONSTRAINT container_printed_images_key
    PRIMARY KEY (source, container_id, first_seen_at, printed_until)
);

-- What was concluded about a container instance from a moment on; a row a change. It is what was
-- concluded then: later knowledge adds rows and changes none. Deleting is left to the retention.
CREATE TABLE scanclock.container_verdicts (
  source text NOT NULL,
  container_id text NOT NULL,
  first_seen_at timestamptz NOT NULL,
  concluded_at timestamptz NOT NULL,
  verdict text NOT NULL,
  image_digest text NOT NULL,
  reason text NOT NULL,
  environment text NOT NULL,
  owner text NOT NULL,
  CONSTRAINT container_verdicts_key
    PRIMARY KEY (source, container_id, first_seen_at, concluded_at),
  CONSTRAINT container_verdicts_verdict_known
    CHECK (verdict IN ('compliant', 'expiring', 'overdue', 'never_scanned', 'platform_unproven',
                       'ambiguous', 'conflict', 'unresolved'))
);
CREATE INDEX container_verdicts_by_age ON scanclock.container_verdicts (concluded_at);

-- Whether the sources answered for a running image, from a moment on. By image and not by
-- container: an outage of a registry then costs a row an image.
CREATE TABLE scanclock.image_observations (
  digest text NOT NULL,
  observed_at timestamptz NOT NULL,
  status text NOT NULL,
  reason text NOT NULL,
  CONSTRAINT image_observations_key PRIMARY KEY (digest, observed_at),
  CONSTRAINT image_observations_status_known CHECK (status IN ('ok', 'not_asked_yet', 'unknown'))
);
CREATE INDEX image_observations_by_age ON scanclock.image_observations (observed_at);

-- Moments before which the retention has taken something out. The settings may change; what was
-- deleted stays deleted, and nobody may take an earlier moment's record for a whole one.
CREATE TABLE scanclock.retention_horizons (
  name text CONSTRAINT retention_horizons_key PRIMARY KEY,
  deleted_before timestamptz NOT NULL
);
