-- Takes findings and signature states with it. Evidence that was collected since keeps its hash,
-- which an older program cannot recompute: its db verify will name the first such row.
ALTER TABLE scanclock.coverage_intervals
  DROP CONSTRAINT coverage_intervals_kind_known,
  ADD CONSTRAINT coverage_intervals_kind_known CHECK (kind IN ('registry', 'workload')) NOT VALID;
ALTER TABLE scanclock.evidence
  DROP CONSTRAINT evidence_origin_known,
  ADD CONSTRAINT evidence_origin_known
    CHECK (origin IN ('referrer', 'fallback_tag', 'attestation_tag', 'pushed')) NOT VALID,
  DROP COLUMN signature_state,
  DROP COLUMN signature_detail;
DROP VIEW scanclock.findings;
DROP TABLE scanclock.evidence_findings;
DROP TABLE scanclock.vulnerability_aliases;
DROP TABLE scanclock.vulnerabilities;
