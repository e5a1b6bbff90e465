-- What scans found, joinable with catalogues of vulnerabilities; what checking signatures came to;
-- and the places that evidence may come from since.

-- Names of vulnerabilities: CVE ids where a report knows one, else the scanner's own (GHSA-…,
-- DLA-…). Byte order is that of the API's pages.
CREATE TABLE scanclock.vulnerabilities (
  id integer GENERATED ALWAYS AS IDENTITY CONSTRAINT vulnerabilities_key PRIMARY KEY,
  name text COLLATE "C" NOT NULL CONSTRAINT vulnerabilities_name_once UNIQUE
);

-- Other names of the same vulnerability, and the evidence that said so first: what a report claims
-- is known to be no more than its claim.
CREATE TABLE scanclock.vulnerability_aliases (
  alias text COLLATE "C" NOT NULL,
  vulnerability_id integer NOT NULL
    CONSTRAINT vulnerability_aliases_vulnerability_known REFERENCES scanclock.vulnerabilities (id),
  evidence_id bigint NOT NULL,
  CONSTRAINT vulnerability_aliases_key PRIMARY KEY (alias, vulnerability_id)
);
CREATE INDEX vulnerability_aliases_by_vulnerability
  ON scanclock.vulnerability_aliases (vulnerability_id);

-- One row a piece of evidence: a row a finding would take fifty times the room. The nth severity is
-- that of the nth vulnerability: 0 unknown, 1 low, 2 medium, 3 high, 4 critical. No row: the
-- findings were not recorded, which is something else than none.
CREATE TABLE scanclock.evidence_findings (
  evidence_id bigint CONSTRAINT evidence_findings_key PRIMARY KEY,
  vulnerability_ids integer[] NOT NULL,
  severities smallint[] NOT NULL,
  -- Found, but beyond the limits of what is recorded.
  omitted integer NOT NULL,
  CONSTRAINT evidence_findings_paired
    CHECK (cardinality(vulnerability_ids) = cardinality(severities)),
  CONSTRAINT evidence_findings_severities_known
    CHECK (0 <= ALL (severities) AND 4 >= ALL (severities))
);
CREATE TRIGGER evidence_findings_append_only BEFORE UPDATE OR DELETE
  ON scanclock.evidence_findings
  FOR EACH ROW EXECUTE FUNCTION scanclock.refuse_change();

-- A row a finding, for joins.
CREATE VIEW scanclock.findings AS
SELECT record.evidence_id, found.vulnerability_id, found.severity
FROM scanclock.evidence_findings AS record
CROSS JOIN LATERAL unnest(record.vulnerability_ids, record.severities)
  AS found(vulnerability_id, severity);

-- Rows without a signature state are those of before, whose hash is that of the first form of the
-- row's text; all others have the second form, which includes it (storage/evidence_chain.hpp).
ALTER TABLE scanclock.evidence
  ADD COLUMN signature_state text,
  ADD COLUMN signature_detail text,
  ADD CONSTRAINT evidence_signature_known
    CHECK (signature_state IN ('none', 'no_key', 'verified', 'failed')),
  ADD CONSTRAINT evidence_signature_whole
    CHECK ((signature_state IS NULL) = (signature_detail IS NULL)),
  DROP CONSTRAINT evidence_origin_known,
  ADD CONSTRAINT evidence_origin_known
    CHECK (origin IN ('referrer', 'fallback_tag', 'attestation_tag', 'pushed', 'platform_api',
                      'spool'));

ALTER TABLE scanclock.coverage_intervals
  DROP CONSTRAINT coverage_intervals_kind_known,
  ADD CONSTRAINT coverage_intervals_kind_known CHECK (kind IN ('registry', 'workload', 'spool'));
