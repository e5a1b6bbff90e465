-- Everything that an assessor may ask about is recorded from this migration on: what was true, what
-- was known, and when sources were watched. Times are given by the program, except those of the
-- lease, which are the database's own. Digests are stored as printed (`sha256:<hex>`), because
-- people look for them; an empty digest or text means "none".
CREATE SCHEMA IF NOT EXISTS scanclock;

-- Rows that only an administrator with a reason may touch carry this trigger, so that a mistaken
-- statement fails instead of rewriting history. Whoever switches it off still meets the hash chain.
CREATE FUNCTION scanclock.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of %.% are append-only', TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END
$$;

-- The row lease that makes evaluation and delivery single. `term` is part of a key on purpose: a
-- takeover then needs a stronger row lock than a renewal, so that a commit that holds FOR KEY SHARE
-- keeps a takeover waiting but not its own renewal.
CREATE TABLE scanclock.lease (
  name text CONSTRAINT lease_key PRIMARY KEY,
  holder text NOT NULL,
  term bigint NOT NULL,
  acquired_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  CONSTRAINT lease_term_key UNIQUE (name, term),
  CONSTRAINT lease_term_positive CHECK (term >= 1)
) WITH (fillfactor = 50);

-- The digest graph, only from bytes whose digest was checked. A manifest never changes.
CREATE TABLE scanclock.manifests (
  digest text CONSTRAINT manifests_key PRIMARY KEY,
  kind text NOT NULL CONSTRAINT manifests_kind_known CHECK (kind IN ('index', 'image', 'artifact')),
  media_type text NOT NULL,
  artifact_type text NOT NULL,
  size_bytes bigint NOT NULL,
  config text NOT NULL,
  config_identifies boolean NOT NULL,
  os text NOT NULL,
  architecture text NOT NULL,
  variant text NOT NULL,
  os_version text NOT NULL,
  subject text NOT NULL
);
CREATE INDEX manifests_by_config ON scanclock.manifests (config) WHERE config <> '';

CREATE TABLE scanclock.manifest_edges (
  parent text NOT NULL,
  position integer NOT NULL,
  child text NOT NULL,
  os text NOT NULL,
  architecture text NOT NULL,
  variant text NOT NULL,
  os_version text NOT NULL,
  runnable boolean NOT NULL,
  CONSTRAINT manifest_edges_key PRIMARY KEY (parent, position),
  CONSTRAINT manifest_edges_parent_known FOREIGN KEY (parent)
    REFERENCES scanclock.manifests (digest)
);
-- A child may be listed long before it is fetched, hence no foreign key on it.
CREATE INDEX manifest_edges_by_child ON scanclock.manifest_edges (child);

-- Unique images. First times only ever become earlier.
CREATE TABLE scanclock.images (
  digest text CONSTRAINT images_key PRIMARY KEY,
  first_seen_at timestamptz NOT NULL,
  first_running_at timestamptz,
  first_scan_at timestamptz
);

-- Places of unique images. The entry only ever becomes earlier: retagging and re-pushing never
-- restart a clock. `tags` is the newest word on the place; the history is in scanclock.tags.
CREATE TABLE scanclock.locations (
  digest text NOT NULL,
  registry text NOT NULL,
  repository text NOT NULL,
  host text NOT NULL,
  environment text NOT NULL,
  tags text[] NOT NULL,
  first_seen_at timestamptz NOT NULL,
  entry_at timestamptz NOT NULL,
  entry_basis text NOT NULL,
  missing_since timestamptz,
  removed_at timestamptz,
  evidence_answered_at timestamptz,
  evidence_failing_since timestamptz,
  evidence_failure text NOT NULL,
  CONSTRAINT locations_key PRIMARY KEY (digest, registry, repository),
  CONSTRAINT locations_entry_basis_known
    CHECK (entry_basis IN ('initial', 'first_seen', 'push_event', 'platform_api'))
);
CREATE INDEX locations_by_repository ON scanclock.locations (registry, repository);

-- An image may leave a place and come back; the place's row then forgets, this does not.
CREATE TABLE scanclock.location_removals (
  digest text NOT NULL,
  registry text NOT NULL,
  repository text NOT NULL,
  removed_at timestamptz NOT NULL,
  CONSTRAINT location_removals_key PRIMARY KEY (digest, registry, repository, removed_at)
);

-- What every tag pointed at, and when. A row without an end is the present.
CREATE TABLE scanclock.tags (
  registry text NOT NULL,
  repository text NOT NULL,
  tag text NOT NULL,
  digest text NOT NULL,
  valid_from timestamptz NOT NULL,
  valid_to timestamptz,
  CONSTRAINT tags_key PRIMARY KEY (registry, repository, tag, valid_from),
  CONSTRAINT tags_interval_forward CHECK (valid_to > valid_from),
  CONSTRAINT tags_digest_given CHECK (digest <> '')
);
CREATE UNIQUE INDEX tags_present ON scanclock.tags (registry, repository, tag)
  WHERE valid_to IS NULL;
CREATE INDEX tags_by_digest ON scanclock.tags (digest);
CREATE INDEX tags_past ON scanclock.tags (valid_to) WHERE valid_to IS NOT NULL;

-- The identity of evidence, unique over all months, and the short number that decisions refer to.
-- The same bytes may be attached to several subjects and come in with several trusts.
CREATE TABLE scanclock.evidence_keys (
  id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT evidence_keys_key PRIMARY KEY,
  digest text NOT NULL,
  attached_to text NOT NULL,
  trust text NOT NULL,
  collected_at timestamptz NOT NULL,
  CONSTRAINT evidence_keys_identity UNIQUE (digest, attached_to, trust),
  CONSTRAINT evidence_keys_trust_known
    CHECK (trust IN ('signed', 'platform', 'pushed', 'unsigned'))
);

-- What was collected, never changed after. Rows of a month form a chain: row_hash is the sha256 of
-- the hash before it and of the row's canonical text (storage/evidence_chain.hpp), so that no row
-- can be changed, taken out or put in without every later hash saying so. Partitions by month keep
-- the indexes small and let a month be archived as a whole; its chain stands by itself.
CREATE TABLE scanclock.evidence (
  id bigint NOT NULL,
  chain_month date NOT NULL,
  chain_position bigint NOT NULL,
  digest text NOT NULL,
  attached_to text NOT NULL,
  trust text NOT NULL,
  source text NOT NULL,
  origin text NOT NULL,
  repository text NOT NULL,
  collected_at timestamptz NOT NULL,
  size_bytes bigint NOT NULL,
  format text NOT NULL,
  scanner text NOT NULL,
  scanner_version text NOT NULL,
  finished_at timestamptz,
  finished_at_field text NOT NULL,
  database_built_at timestamptz,
  subjects text[] NOT NULL,
  subject_config text NOT NULL,
  -- What a report inside the attestation names.
  inner_subjects text[] NOT NULL,
  -- os, architecture, variant, os_version; NULL when the report names no platform.
  platform text[],
  names text[] NOT NULL,
  critical bigint NOT NULL,
  high bigint NOT NULL,
  medium bigint NOT NULL,
  low bigint NOT NULL,
  unknown bigint NOT NULL,
  defect text,
  defect_detail text NOT NULL,
  row_hash text NOT NULL,
  CONSTRAINT evidence_key PRIMARY KEY (chain_month, chain_position, collected_at),
  CONSTRAINT evidence_origin_known
    CHECK (origin IN ('referrer', 'fallback_tag', 'attestation_tag', 'pushed')),
  CONSTRAINT evidence_platform_form CHECK (cardinality(platform) = 4)
) PARTITION BY RANGE (collected_at);
CREATE INDEX evidence_by_id ON scanclock.evidence (id);

-- Catches rows for which no month could be made; stays empty otherwise.
CREATE TABLE scanclock.evidence_default PARTITION OF scanclock.evidence DEFAULT;

CREATE TRIGGER evidence_append_only BEFORE UPDATE OR DELETE ON scanclock.evidence
  FOR EACH ROW EXECUTE FUNCTION scanclock.refuse_change();

-- The end of every month's chain. It makes appending cheap, and a chain that was cut short visible.
CREATE TABLE scanclock.evidence_chains (
  month date CONSTRAINT evidence_chains_key PRIMARY KEY,
  length bigint NOT NULL,
  head text NOT NULL,
  CONSTRAINT evidence_chains_month_first CHECK (extract(day FROM month) = 1),
  CONSTRAINT evidence_chains_length_positive CHECK (length >= 0)
) WITH (fillfactor = 50);

-- Makes the partition of a month when it is missing. Evidence must never be refused for want of a
-- partition: without the right to make tables, or when the default partition holds rows of the
-- month already, that one takes the rows.
CREATE FUNCTION scanclock.prepare_evidence_month(month date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  partition_name constant text := 'evidence_' || to_char(month, 'YYYY_MM');
  month_begin constant timestamptz := month::timestamp AT TIME ZONE 'UTC';
  month_end constant timestamptz := (month + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
  IF to_regclass('scanclock.' || partition_name) IS NOT NULL THEN
    RETURN;
  END IF;
  EXECUTE format(
    'CREATE TABLE scanclock.%I PARTITION OF scanclock.evidence FOR VALUES FROM (%L) TO (%L)',
    partition_name, month_begin, month_end);
EXCEPTION
  WHEN insufficient_privilege OR check_violation THEN
    RAISE NOTICE 'evidence of % goes to the default partition: %', month, SQLERRM;
END
$$;

-- The bytes as collected, once a digest, compressed by the program (zstd): hence no compression of
-- the server's own. Their digest stands in the chained rows, which outlive them.
CREATE TABLE scanclock.evidence_bytes (
  digest text CONSTRAINT evidence_bytes_key PRIMARY KEY,
  size_bytes bigint NOT NULL,
  zstd bytea NOT NULL,
  stored_at timestamptz NOT NULL
);
ALTER TABLE scanclock.evidence_bytes ALTER COLUMN zstd SET STORAGE EXTERNAL;
CREATE INDEX evidence_bytes_by_age ON scanclock.evidence_bytes (stored_at);

-- Policies by name, each distinct content a version. Nothing refers to a version by foreign key: a
-- check for each decision would cost more than the decision.
CREATE TABLE scanclock.policies (
  name text CONSTRAINT policies_key PRIMARY KEY,
  first_used_at timestamptz NOT NULL
);

CREATE TABLE scanclock.policy_versions (
  policy text NOT NULL
    CONSTRAINT policy_versions_policy_known REFERENCES scanclock.policies (name),
  version integer NOT NULL,
  content text NOT NULL,
  -- A content may be longer than an index entry can be.
  content_sha256 bytea NOT NULL,
  first_used_at timestamptz NOT NULL,
  CONSTRAINT policy_versions_key PRIMARY KEY (policy, version),
  CONSTRAINT policy_versions_content_once UNIQUE (policy, content_sha256),
  CONSTRAINT policy_versions_from_one CHECK (version >= 1)
);
CREATE TRIGGER policy_versions_append_only BEFORE UPDATE OR DELETE ON scanclock.policy_versions
  FOR EACH ROW EXECUTE FUNCTION scanclock.refuse_change();

-- Which version was in force from when on: a policy may go back to an earlier content.
CREATE TABLE scanclock.policy_uses (
  id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT policy_uses_key PRIMARY KEY,
  policy text NOT NULL,
  version integer NOT NULL,
  used_from timestamptz NOT NULL,
  CONSTRAINT policy_uses_version_known FOREIGN KEY (policy, version)
    REFERENCES scanclock.policy_versions (policy, version)
);
CREATE INDEX policy_uses_newest ON scanclock.policy_uses (policy, id);
CREATE TRIGGER policy_uses_append_only BEFORE UPDATE OR DELETE ON scanclock.policy_uses
  FOR EACH ROW EXECUTE FUNCTION scanclock.refuse_change();

-- What a policy version made of evidence. A changed mind is a new row; the newest by id counts, so
-- that a clock that stepped back does not bring an old decision to life. The key's order serves the
-- search for the newest.
CREATE TABLE scanclock.evidence_decisions (
  id bigint GENERATED ALWAYS AS IDENTITY,
  evidence_id bigint NOT NULL,
  policy text NOT NULL,
  policy_version integer NOT NULL,
  accepted boolean NOT NULL,
  reason text,
  detail text NOT NULL,
  decided_at timestamptz NOT NULL,
  CONSTRAINT evidence_decisions_key PRIMARY KEY (evidence_id, policy, policy_version, id)
);
CREATE TRIGGER evidence_decisions_append_only BEFORE UPDATE OR DELETE
  ON scanclock.evidence_decisions
  FOR EACH ROW EXECUTE FUNCTION scanclock.refuse_change();

-- Container instances: what ran from when to when. An unchanged look at a source writes nothing
-- here; until when an instance was seen running follows from its source's coverage.
CREATE TABLE scanclock.containers (
  source text NOT NULL,
  container_id text NOT NULL,
  first_seen_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  ended_at timestamptz,
  namespace text NOT NULL,
  workload text NOT NULL,
  name text NOT NULL,
  node text NOT NULL,
  labels jsonb NOT NULL,
  image text NOT NULL,
  digests text[] NOT NULL,
  repositories text[] NOT NULL,
  os text NOT NULL,
  architecture text NOT NULL,
  variant text NOT NULL,
  os_version text NOT NULL,
  started_at timestamptz,
  CONSTRAINT containers_key PRIMARY KEY (source, container_id, first_seen_at)
);
CREATE INDEX containers_running ON scanclock.containers (source, container_id)
  WHERE ended_at IS NULL;
CREATE INDEX containers_ended ON scanclock.containers (ended_at) WHERE ended_at IS NOT NULL;

-- Every digest that a runtime has ever printed for a container ID, and when that was learned.
CREATE TABLE scanclock.container_digests (
  source text NOT NULL,
  container_id text NOT NULL,
  digest text NOT NULL,
  noted_at timestamptz NOT NULL,
  CONSTRAINT container_digests_key PRIMARY KEY (source, container_id, digest)
);
CREATE INDEX container_digests_by_digest ON scanclock.container_digests (digest);

-- When sources were watched and answered. The present interval is extended in place, so that a
-- cycle that learned nothing costs one row a source; a gap in watching is where no interval is.
-- Nothing but the key is indexed, which keeps the extension a heap-only update.
CREATE TABLE scanclock.coverage_intervals (
  source text NOT NULL,
  covered_from timestamptz NOT NULL,
  covered_to timestamptz NOT NULL,
  kind text NOT NULL,
  CONSTRAINT coverage_intervals_key PRIMARY KEY (source, covered_from),
  CONSTRAINT coverage_intervals_forward CHECK (covered_to >= covered_from),
  CONSTRAINT coverage_intervals_kind_known CHECK (kind IN ('registry', 'workload'))
) WITH (fillfactor = 50);

-- One row an episode. That no two episodes of one key fire at once is the program's rule and not a
-- constraint: a constraint would turn a doubled alert into a lost one.
CREATE TABLE scanclock.alerts (
  id text CONSTRAINT alerts_key PRIMARY KEY,
  rule text NOT NULL,
  subject text NOT NULL,
  policy text NOT NULL,
  severity text NOT NULL,
  firing boolean NOT NULL,
  resolved_reason text NOT NULL,
  environment text NOT NULL,
  owner text NOT NULL,
  labels jsonb NOT NULL,
  annotations jsonb NOT NULL,
  stage integer NOT NULL,
  sequence bigint NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  last_notified_at timestamptz NOT NULL,
  CONSTRAINT alerts_severity_known CHECK (severity IN ('none', 'warning', 'critical'))
) WITH (fillfactor = 80);
-- By id alone: a subject may be longer than an index entry can be.
CREATE INDEX alerts_firing ON scanclock.alerts (id) WHERE firing;
CREATE INDEX alerts_ended ON scanclock.alerts (ended_at) WHERE NOT firing;

CREATE TABLE scanclock.alert_events (
  alert_id text NOT NULL,
  sequence bigint NOT NULL,
  kind text NOT NULL,
  at timestamptz NOT NULL,
  reason text NOT NULL,
  CONSTRAINT alert_events_key PRIMARY KEY (alert_id, sequence),
  CONSTRAINT alert_events_kind_known
    CHECK (kind IN ('firing', 'updated', 'repeated', 'resolved'))
);
-- Deleting is left to the retention.
CREATE TRIGGER alert_events_append_only BEFORE UPDATE ON scanclock.alert_events
  FOR EACH ROW EXECUTE FUNCTION scanclock.refuse_change();

-- Messages on their way to receivers, written in the transaction of what caused them. `position` is
-- the order of writing, which is the order of delivery within an alert. Finished messages stay
-- until their retention, so that storing their cause again does not send them again.
CREATE TABLE scanclock.outbox (
  id text CONSTRAINT outbox_key PRIMARY KEY,
  position bigint GENERATED ALWAYS AS IDENTITY,
  receiver text NOT NULL,
  alert_id text NOT NULL,
  sequence bigint NOT NULL,
  type text NOT NULL,
  body text NOT NULL,
  created_at timestamptz NOT NULL,
  state text NOT NULL DEFAULT 'waiting',
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL,
  claimed_at timestamptz,
  locked_until timestamptz,
  last_error text NOT NULL DEFAULT '',
  finished_at timestamptz,
  CONSTRAINT outbox_state_known CHECK (state IN ('waiting', 'delivered', 'set_aside')),
  CONSTRAINT outbox_finished_when_done CHECK ((state = 'waiting') = (finished_at IS NULL))
) WITH (fillfactor = 70);
-- For claiming in the order of due times, and for asking whether an older message of the alert
-- still waits. Both hold only what waits, so that history does not slow delivery.
CREATE INDEX outbox_due ON scanclock.outbox (receiver, next_attempt_at, position)
  WHERE state = 'waiting';
CREATE INDEX outbox_order ON scanclock.outbox (receiver, alert_id, position)
  WHERE state = 'waiting';
CREATE INDEX outbox_set_aside ON scanclock.outbox (receiver) WHERE state = 'set_aside';
CREATE INDEX outbox_finished ON scanclock.outbox (finished_at) WHERE state <> 'waiting';

-- The ledger of attempts: what was tried, when, and how it ended.
CREATE TABLE scanclock.deliveries (
  id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT deliveries_key PRIMARY KEY,
  message_id text NOT NULL,
  alert_id text NOT NULL,
  receiver text NOT NULL,
  attempt integer NOT NULL,
  at timestamptz NOT NULL,
  outcome text NOT NULL,
  status integer,
  error text NOT NULL,
  CONSTRAINT deliveries_attempt_once UNIQUE (message_id, attempt, outcome),
  CONSTRAINT deliveries_outcome_known CHECK (outcome IN ('delivered', 'failed', 'set_aside'))
);
CREATE INDEX deliveries_by_alert ON scanclock.deliveries (alert_id, receiver, at)
  WHERE outcome = 'delivered';
CREATE INDEX deliveries_by_age ON scanclock.deliveries (at);
CREATE TRIGGER deliveries_append_only BEFORE UPDATE ON scanclock.deliveries
  FOR EACH ROW EXECUTE FUNCTION scanclock.refuse_change();
