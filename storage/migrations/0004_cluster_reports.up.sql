-- Reports that a scanner keeps as objects in the cluster that it scans are evidence of an origin of
-- their own.
ALTER TABLE scanclock.evidence
  DROP CONSTRAINT evidence_origin_known,
  ADD CONSTRAINT evidence_origin_known
    CHECK (origin IN ('referrer', 'fallback_tag', 'attestation_tag', 'pushed', 'platform_api',
                      'spool', 'cluster'));
