#include "tests/unit/evidence/corpus_records.hpp"

namespace scanclock::testing {
namespace {

constexpr ExpectedPaths cyclonedx_paths = {
    .version = "metadata.tools[].version",
    .finished_at = "metadata.timestamp",
    .subjects = "metadata.component.purl",
    .config = "metadata.component.properties[].value",
    .counts = "vulnerabilities[]",
};

constexpr ExpectedPaths gitlab_paths = {
    .version = "scan.scanner.version",
    .finished_at = "scan.end_time",
    .subjects = "vulnerabilities[].location.image",
    .counts = "vulnerabilities[]",
};

constexpr ExpectedPaths twistlock_paths = {
    .finished_at = "results[0].scanTime",
    .subjects = "results[0].digest",
    .config = "results[0].id",
    .counts = "results[0].vulnerabilities[]",
};

}  // namespace

const std::vector<Expected> cyclonedx_records = {
    {"cyclonedx/issue_9277.json",
     "cyclonedx",
     "trivy",
     "0.48.1",
     "2024-01-04T15:25:30Z",
     "metadata.timestamp",
     "",
     {"6042500cf4b44023ea1894effe7890666b0c5c7871ed83a97c36c76ae560bb9b"},
     "174c8c134b2a94b5bb0b37d9a2b6ba0663d82d23ebf62bd51f74a2fd457333da",
     "",
     {0, 4, 4, 2, 0},
     "none",
     cyclonedx_paths},
    // Names no scanner, and its one vulnerability is analysed as not_affected.
    {"cyclonedx/valid-vulnerability-1.4.json",
     "cyclonedx",
     "",
     "",
     "",
     "",
     "",
     {},
     "",
     "",
     {},
     "not_a_vulnerability_scan",
     cyclonedx_paths},
};

const std::vector<Expected> gitlab_records = {
    {"gitlab/dd-gl-container-scanning-report-0-vuln.json",
     "gitlab-container-scanning",
     "trivy",
     "0.16.0",
     "2021-04-14T19:46:18Z",
     "scan.end_time",
     "",
     {},
     "",
     "",
     {},
     "no_packages",
     gitlab_paths},
    {"gitlab/dd-gl-container-scanning-report-1-vuln_v15.json",
     "gitlab-container-scanning",
     "trivy",
     "0.16.0",
     "2021-04-14T19:46:18Z",
     "scan.end_time",
     "",
     {"bc09fe2e0721dfaeee79364115aeedf2174cce0947b9ae5fe7c33312ee019a4e"},
     "",
     "",
     {0, 1, 0, 0, 0},
     "none",
     gitlab_paths},
    // The image is given by tag.
    {"gitlab/dd-gl-container-scanning-report-5-vuln_v14.json",
     "gitlab-container-scanning",
     "trivy",
     "0.16.0",
     "2021-06-01T21:21:00Z",
     "scan.end_time",
     "",
     {},
     "",
     "",
     {0, 4, 1, 0, 0},
     "no_subject",
     gitlab_paths},
    // The image is an archive.
    {"gitlab/trivy-alpine-310.json",
     "gitlab-container-scanning",
     "trivy",
     "dev",
     "2021-08-25T12:20:30Z",
     "scan.end_time",
     "",
     {},
     "",
     "",
     {0, 0, 4, 0, 0},
     "no_subject",
     gitlab_paths},
};

const std::vector<Expected> clair_records = {
    {"clair/clair_few_vuln.json",
     "clair-scanner",
     "clair",
     "",
     "",
     "",
     "",
     {},
     "",
     "",
     {0, 0, 4, 0, 0},
     "no_time",
     {.counts = "vulnerabilities[]"}},
};

const std::vector<Expected> snyk_records = {
    {"snyk/snykcontainer_issue_epss.json",
     "snyk-container",
     "snyk",
     "",
     "",
     "",
     "",
     {},
     "",
     "linux/amd64",
     {1, 2, 9, 1, 0},
     "no_time",
     {.counts = "vulnerabilities[] + applications[].vulnerabilities[]"}},
};

const std::vector<Expected> twistlock_records = {
    // An older version: neither time nor digest; nothing was found and nothing was recognised.
    {"twistlock/no_vuln.json",
     "twistlock",
     "twistlock",
     "",
     "",
     "",
     "",
     {},
     "184c9823bc3e7795040025a33d174987897783ee9296545abcb1a1937f12d391",
     "",
     {},
     "unsupported_os",
     twistlock_paths},
    // The distribution has a critical one and a total of 0.
    {"twistlock/packagename.json",
     "twistlock",
     "twistlock",
     "",
     "2026-03-18T10:58:13.491866Z",
     "results[0].scanTime",
     "",
     {"f7b40a71d2d16e91c35d32b10dbadab5ee8c1575b5216dedb11c841bed42eb0b"},
     "d9ec03301ac4f89e5e9564cc2979b7b00848f2cb4bb95e59f020a3bedb74bd07",
     "",
     {1, 0, 0, 0, 0},
     "none",
     twistlock_paths},
};

}  // namespace scanclock::testing
