-- Evidence of this origin stays: its rows are chained, and an older program does not read it.
ALTER TABLE scanclock.evidence
  DROP CONSTRAINT evidence_origin_known,
  ADD CONSTRAINT evidence_origin_known
    CHECK (origin IN ('referrer', 'fallback_tag', 'attestation_tag', 'pushed', 'platform_api',
                      'spool')) NOT VALID;
