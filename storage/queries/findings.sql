-- name: AddVulnerabilities
-- What is there is left out first: a conflict would use up a number all the same.
INSERT INTO scanclock.vulnerabilities (name)
SELECT given.name
FROM unnest($1::text[]) AS given(name)
WHERE NOT EXISTS (SELECT FROM scanclock.vulnerabilities AS known WHERE known.name = given.name)
ON CONFLICT ON CONSTRAINT vulnerabilities_name_once DO NOTHING;

-- name: FindVulnerabilities
SELECT known.id, known.name
FROM unnest($1::text[]) AS given(name)
JOIN scanclock.vulnerabilities AS known ON known.name = given.name;

-- name: AddVulnerabilityAliases
INSERT INTO scanclock.vulnerability_aliases (alias, vulnerability_id, evidence_id)
SELECT given.alias, given.vulnerability_id, given.evidence_id
FROM unnest($1::text[], $2::integer[], $3::bigint[])
  AS given(alias, vulnerability_id, evidence_id)
WHERE NOT EXISTS (
  SELECT FROM scanclock.vulnerability_aliases AS known
  WHERE known.alias = given.alias AND known.vulnerability_id = given.vulnerability_id)
ON CONFLICT ON CONSTRAINT vulnerability_aliases_key DO NOTHING;

-- name: StoreEvidenceFindings
INSERT INTO scanclock.evidence_findings (evidence_id, vulnerability_ids, severities, omitted)
SELECT evidence_id, vulnerability_ids::integer[], severities::smallint[], omitted
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::integer[])
  AS given(evidence_id, vulnerability_ids, severities, omitted)
ON CONFLICT ON CONSTRAINT evidence_findings_key DO NOTHING;

-- name: FindEvidenceFindings
-- The same bytes may have come in several times; the newest reading of them counts.
SELECT record.evidence_id, record.omitted
FROM scanclock.evidence_keys AS keys
LEFT JOIN scanclock.evidence_findings AS record ON record.evidence_id = keys.id
WHERE keys.digest = $1::text
ORDER BY record.evidence_id DESC NULLS LAST
LIMIT 1;

-- name: ListFindings
SELECT known.name, found.severity,
       ARRAY(SELECT other.alias FROM scanclock.vulnerability_aliases AS other
             WHERE other.vulnerability_id = found.vulnerability_id
             ORDER BY other.alias) AS aliases
FROM scanclock.findings AS found
JOIN scanclock.vulnerabilities AS known ON known.id = found.vulnerability_id
WHERE found.evidence_id = $1::bigint AND known.name > $2::text
ORDER BY known.name
LIMIT $3::bigint;
