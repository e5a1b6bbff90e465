#include "config/loader.hpp"
#include "tests/unit/config/errors_of.hpp"
#include "tests/unit/config/temporary_files.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace scanclock {
namespace {

struct Refusal {
  const char* rule;
  const char* yaml;
  const char* expected;
};

void PrintTo(const Refusal& refusal, std::ostream* stream) { *stream << refusal.rule; }

class Refuses : public testing::TestWithParam<Refusal> {};

TEST_P(Refuses, WithPlaceAndAdvice) {
  TemporaryFiles files;
  EXPECT_EQ(errors_of(GetParam().yaml, files.path()), GetParam().expected);
}

std::string name_of(const testing::TestParamInfo<Refusal>& info) { return info.param.rule; }

const Refusal form[] = {
    {"UnknownKey", "mode: alert\nregistrys: []\n",
     "s.yaml:2:1: unknown key \"registrys\"\n"
     "HINT: did you mean \"registries\"?\n"},
    {"UnknownKeyDeepInside",
     "registries:\n  - name: a\n    url: https://r.example\n    poll: {tag_every: 5m}\n",
     "s.yaml:4:12: registries[0].poll: unknown key \"tag_every\"\n"
     "HINT: did you mean \"tags_every\"?\n"},
    {"UnknownKeyWithoutLikeness", "display: {xyzzyplugh: 1}\n",
     "s.yaml:1:11: display: unknown key \"xyzzyplugh\"\n"
     "HINT: known are: time_zone\n"},
    {"DuplicateKey", "mode: alert\nserver:\n  listen: 127.0.0.1:1\n  listen: 127.0.0.1:2\n",
     "s.yaml:4:3: \"listen\" is set twice; first on line 3\n"},
    {"BrokenYaml", "mode: [alert\n",
     "s.yaml:2:1: not valid YAML: end of sequence flow not found\n"},
    {"TwoDocuments", "mode: alert\n---\nmode: observe\n",
     "s.yaml:3:1: a second document; settings are one document\n"
     "HINT: remove the line \"---\" between them\n"},
    {"NotAMap", "- mode\n", "s.yaml:1:1: expected a map, found a list\n"},
    {"KeyThatIsAList", "[a, b]: 1\n", "s.yaml:1:1: a key must be a text\n"},
    {"KeyWithoutValue", "mode:\n",
     "s.yaml:1:1: mode: has no value\n"
     "HINT: give it one or remove the line\n"},
    {"ListForText", "mode: [alert]\n", "s.yaml:1:7: mode: expected a text, found a list\n"},
    {"TextForList", "registries: prod\n",
     "s.yaml:1:13: registries: expected a list, found a single value\n"
     "HINT: write [prod]\n"},
    {"TextForMap", "database: here\n",
     "s.yaml:1:11: database: expected a map, found a single value\n"},
    {"UnknownWord", "mode: observ\n",
     "s.yaml:1:7: mode: unknown value \"observ\"\n"
     "HINT: did you mean \"observe\"?\n"},
    {"NotABoolean", "registries: [{name: a, url: \"https://r.example\", allow_plaintext: yes}]\n",
     "s.yaml:1:67: registries[0].allow_plaintext: expected true or false, found \"yes\"\n"},
    {"DurationWithoutUnit", "database: {retention: {history: 30}}\n",
     "s.yaml:1:33: database.retention.history: \"30\" is not a duration\n"
     "HINT: write a number and a unit, such as 30d, 12h, 15m, 30s or 500ms\n"},
    {"NegativeDuration", "database: {retention: {history: -30d}}\n",
     "s.yaml:1:33: database.retention.history: \"-30d\" is not a duration\n"
     "HINT: write a number and a unit, such as 30d, 12h, 15m, 30s or 500ms\n"},
    {"DurationTooShort", "database: {retention: {history: 1h}}\n",
     "s.yaml:1:33: database.retention.history: must be at least 1d, found \"1h\"\n"},
    {"BadSize", "server: {max_body_size: 8MB}\n",
     "s.yaml:1:25: server.max_body_size: \"8MB\" is not a size\n"
     "HINT: write a whole number and a unit, such as 512KiB, 8MiB or 1GiB\n"},
    {"SizeOutOfRange", "server: {max_body_size: 8GiB}\n",
     "s.yaml:1:25: server.max_body_size: must be from 65536 to 1073741824 bytes, found \"8GiB\"\n"},
    {"SelfReference", "owners: &a [*a]\n",
     "s.yaml:1:13: an alias refers to the value that it is part of\n"},
    {"EmptyText", "display: {time_zone: \"\"}\n",
     "s.yaml:1:22: display.time_zone: must not be empty\n"},
};

const Refusal database_and_server[] = {
    {"DatabaseWithoutVerifiedTls",
     "database: {url: \"postgresql://s@db.example/s?sslmode=require\"}\n",
     "s.yaml:1:17: database.url: the connection to \"db.example\" would not be verified TLS\n"
     "HINT: add sslmode=verify-full, or set allow_plaintext: true\n"},
    {"DatabaseKeywordsWithoutTls", "database: {url: \"host=db.example dbname=s\"}\n",
     "s.yaml:1:17: database.url: the connection to \"db.example\" would not be verified TLS\n"
     "HINT: add sslmode=verify-full, or set allow_plaintext: true\n"},
    {"DatabaseSecondHostIsRemote", "database: {url: \"postgresql://127.0.0.1,db.example/s\"}\n",
     "s.yaml:1:17: database.url: the connection to \"db.example\" would not be verified TLS\n"
     "HINT: add sslmode=verify-full, or set allow_plaintext: true\n"},
    {"DatabaseHostInParameter", "database: {url: \"postgresql:///s?host=db.example\"}\n",
     "s.yaml:1:17: database.url: the connection to \"db.example\" would not be verified TLS\n"
     "HINT: add sslmode=verify-full, or set allow_plaintext: true\n"},
    {"DatabaseCaWithoutRoot", "database: {url: \"postgresql://db.example/s?sslmode=verify-ca\"}\n",
     "s.yaml:1:17: database.url: the connection to \"db.example\" would not be verified TLS\n"
     "HINT: add sslmode=verify-full, or set allow_plaintext: true\n"},
    {"DatabaseService", "database: {url: \"service=prod\"}\n",
     "s.yaml:1:17: database.url: a service may name any host, so the connection might not be "
     "verified TLS\n"
     "HINT: add sslmode=verify-full, or set allow_plaintext: true\n"},
    {"DatabasePasswordInUrl", "database: {url: \"postgresql://s:hunter2@127.0.0.1/s\"}\n",
     "s.yaml:1:17: database.url: holds a password, which would show in logs\n"
     "HINT: put it into password_file\n"},
    {"DatabaseBadPort", "database: {url: \"postgresql://127.0.0.1:99999/s\"}\n",
     "s.yaml:1:17: database.url: \"99999\" is not a port\n"
     "HINT: write a number from 1 to 65535\n"},
    {"DatabaseNoConnectionString", "database: {url: \"mysql://db.example/s\"}\n",
     "s.yaml:1:17: database.url: not a PostgreSQL connection string\n"
     "HINT: write postgresql://user@host/database?sslmode=verify-full\n"},
    {"PasswordWithoutUrl", "database: {password: hunter2}\n",
     "s.yaml:1:11: database: a password without a url has no use\n"
     "HINT: the embedded PostgreSQL needs no password\n"},
    {"SecretTwice", "database: {url: \"postgresql:///s\", password: hunter2, password_file: p}\n",
     "s.yaml:1:70: database.password_file: stands beside \"password\"; only one of them can be\n"
     "HINT: keep password_file\n"},
    {"RetentionBelowWindow", "database:\n  retention: {history: 10d}\n",
     "s.yaml:2:14: database.retention: history is kept for less than the window of policy "
     "\"fedramp-30d\" (30d)\n"},
    {"BadListenPort", "server: {listen: \"127.0.0.1:70000\"}\n",
     "s.yaml:1:18: server.listen: \"127.0.0.1:70000\" is not an address and a port\n"
     "HINT: write host:port, such as 127.0.0.1:9630 or [::1]:9630\n"},
    {"ListenWithoutPort", "server: {listen: localhost}\n",
     "s.yaml:1:18: server.listen: \"localhost\" is not an address and a port\n"
     "HINT: write host:port, such as 127.0.0.1:9630 or [::1]:9630\n"},
    {"TlsNotSupportedYet", "server:\n  tls: {cert_file: a, key_file: b}\n",
     "s.yaml:2:8: server.tls: not supported by this version yet\n"
     "HINT: listen on loopback and let a reverse proxy speak TLS\n"},
    {"BadExternalUrl", "server: {external_url: scanclock.example}\n",
     "s.yaml:1:24: server.external_url: \"scanclock.example\" is not an http or https URL\n"
     "HINT: write https://host or https://host:port\n"},
    {"TokenWithoutFile", "server: {tokens: [{name: ci, role: submit}]}\n",
     "s.yaml:1:19: server.tokens[0]: \"token_file\" is missing\n"
     "HINT: name a file that holds the token\n"},
    {"TokenWithoutRole", "server: {tokens: [{name: ci, token: t}]}\n",
     "s.yaml:1:19: server.tokens[0]: \"role\" is missing\n"},
    {"TokenUnknownRole", "server: {tokens: [{name: ci, token: t, role: write}]}\n",
     "s.yaml:1:46: server.tokens[0].role: unknown value \"write\"\n"
     "HINT: known are: read, submit, admin\n"},
    {"TokenNameTwice",
     "server:\n  tokens:\n    - {name: ci, token: t, role: read}\n    - {name: ci, token: u, role: "
     "read}\n",
     "s.yaml:4:14: server.tokens[1].name: the name \"ci\" is taken by the token on line 3\n"},
    {"TokenTwice",
     "server:\n  tokens:\n    - {name: a, token: t, role: read}\n    - {name: b, token: t, role: "
     "admin}\n",
     "s.yaml:4:7: server.tokens[1]: has the same token as \"a\"\n"},
};

const Refusal policies[] = {
    {"NoPolicy", "policies: []\n",
     "s.yaml:1:11: policies: an empty list would judge no image\n"
     "HINT: leave policies out for the default one\n"},
    {"PolicyWithoutName", "policies: [{window: 30d}]\n",
     "s.yaml:1:12: policies[0]: \"name\" is missing\n"},
    {"PolicyNameTwice", "policies:\n  - {name: a}\n  - {name: a}\n",
     "s.yaml:3:12: policies[1].name: the name \"a\" is taken by the policy on line 2\n"},
    {"BadName", "policies: [{name: \"a b\"}]\n",
     "s.yaml:1:19: policies[0].name: \"a b\" is not a name\n"
     "HINT: use letters, digits, '.', '-' and '_', at most 63\n"},
    {"WindowZero", "policies: [{name: a, window: 0s}]\n",
     "s.yaml:1:30: policies[0].window: must be at least 1s, found \"0s\"\n"},
    {"StageAsLongAsWindow", "policies: [{name: a, window: 7d, warn_before: [7d, 1d]}]\n",
     "s.yaml:1:48: policies[0].warn_before[0]: must be shorter than the window of 7d\n"},
    {"StageTwice", "policies: [{name: a, warn_before: [1d, 24h]}]\n",
     "s.yaml:1:40: policies[0].warn_before[1]: stands in the list twice\n"},
    {"UnknownTrust", "policies: [{name: a, trust: [signd]}]\n",
     "s.yaml:1:30: policies[0].trust[0]: unknown value \"signd\"\n"
     "HINT: did you mean \"signed\"?\n"},
    {"NoTrust", "policies: [{name: a, trust: []}]\n",
     "s.yaml:1:29: policies[0].trust: an empty list trusts no scan at all\n"
     "HINT: name at least one trust class\n"},
    {"BadPlatform", "policies: [{name: a, platforms: [linux]}]\n",
     "s.yaml:1:34: policies[0].platforms[0]: \"linux\" is not a platform\n"
     "HINT: write os/architecture or os/architecture/variant, such as linux/arm64\n"},
    {"BadAge", "policies: [{name: a, database_age_max: never}]\n",
     "s.yaml:1:40: policies[0].database_age_max: \"never\" is not a duration\n"
     "HINT: write a number and a unit, such as 30d, 12h, 15m, 30s or 500ms\n"},
    {"MatchesNothing", "policies: [{name: a, match: {repositories: []}}]\n",
     "s.yaml:1:44: policies[0].match.repositories: an empty list matches nothing, so the policy "
     "would bind no image\n"
     "HINT: leave it out for the default\n"},
    {"BadGlob", "policies: [{name: a, match: {repositories: [\"team/[ab]\"]}}]\n",
     "s.yaml:1:45: policies[0].match.repositories[0]: the pattern \"team/[ab]\" holds '['\n"
     "HINT: patterns know * (not across /), ** (across /) and ?\n"},
    {"ToleranceBeyondWindow", "policies: [{name: a, window: 1m, warn_before: []}]\n",
     "s.yaml:1:12: policies[0]: future_tolerance must be shorter than the window of 1m\n"},
};

const Refusal sources[] = {
    {"RegistryWithoutUrl", "registries: [{name: a}]\n",
     "s.yaml:1:14: registries[0]: \"url\" is missing\n"},
    {"RegistryPlainHttp", "registries: [{name: a, url: \"http://r.example:5000\"}]\n",
     "s.yaml:1:29: registries[0].url: plain http to \"r.example\" is refused\n"
     "HINT: use https, or set allow_plaintext: true beside it\n"},
    {"RegistryLooksLikeLoopback", "registries: [{name: a, url: \"http://127.0.0.1.example\"}]\n",
     "s.yaml:1:29: registries[0].url: \"http://127.0.0.1.example\" is not an http or https URL\n"
     "HINT: write https://host or https://host:port\n"},
    {"RegistryBadUrl", "registries: [{name: a, url: \"registry.example\"}]\n",
     "s.yaml:1:29: registries[0].url: \"registry.example\" is not an http or https URL\n"
     "HINT: write https://host or https://host:port\n"},
    {"RegistryBadPort", "registries: [{name: a, url: \"https://r.example:99999\"}]\n",
     "s.yaml:1:29: registries[0].url: \"https://r.example:99999\" is not an http or https URL\n"
     "HINT: write https://host or https://host:port\n"},
    {"RegistryWithPath", "registries: [{name: a, url: \"https://r.example/v2\"}]\n",
     "s.yaml:1:29: registries[0].url: nothing may follow the host of \"https://r.example/…\"\n"
     "HINT: write https://host or https://host:port\n"},
    {"RegistryCredentialsInUrl", "registries: [{name: a, url: \"https://u:hunter2@r.example\"}]\n",
     "s.yaml:1:29: registries[0].url: credentials in a URL are refused\n"
     "HINT: there are settings of their own for them\n"},
    {"CredentialsWithoutPassword",
     "registries: [{name: a, url: \"https://r.example\", credentials: {username: u}}]\n",
     "s.yaml:1:63: registries[0].credentials: \"password_file\" is missing\n"},
    {"CredentialsTwice",
     "registries: [{name: a, url: \"https://r.example\", credentials: {username: u, password: p, "
     "token: t}}]\n",
     "s.yaml:1:63: registries[0].credentials: more than one kind of credentials\n"
     "HINT: give username and password_file, or token_file, or docker_config_file, or "
     "credential_helper\n"},
    {"CredentialsEmpty", "registries: [{name: a, url: \"https://r.example\", credentials: {}}]\n",
     "s.yaml:1:63: registries[0].credentials: no credentials are given\n"
     "HINT: give username and password_file, or token_file, or docker_config_file, or "
     "credential_helper\n"},
    {"CredentialHelperByName",
     "registries: [{name: a, url: \"https://r.example\", credentials: "
     "{credential_helper: docker-credential-x}}]\n",
     "s.yaml:1:83: registries[0].credentials.credential_helper: not an absolute path\n"},
    {"CredentialHelperMissing",
     "registries: [{name: a, url: \"https://r.example\", credentials: "
     "{credential_helper: /nowhere/docker-credential-x}}]\n",
     "s.yaml:1:83: registries[0].credentials.credential_helper: cannot use "
     "/nowhere/docker-credential-x: No such file or directory\n"},
    {"HelpersFolderWithoutConfig",
     "registries: [{name: a, url: \"https://r.example\", credentials: "
     "{credential_helpers_folder: /usr/bin, token: t}}]\n",
     "s.yaml:1:63: registries[0].credentials: \"credential_helpers_folder\" is for the programs "
     "that a docker_config_file names\n"},
    {"TokenServerInPlainText",
     "registries: [{name: a, url: \"https://r.example\", credentials: "
     "{token: t, token_server: \"http://t.example\"}}]\n",
     "s.yaml:1:88: registries[0].credentials.token_server: plain http to \"t.example\" is refused\n"
     "HINT: use https, or set allow_plaintext: true beside it\n"},
    {"AttestationRepositoryElsewhere",
     "registries: [{name: a, url: \"https://r.example\", attestation_repository: "
     "\"other.example:5000/att\"}]\n",
     "s.yaml:1:74: registries[0].attestation_repository: \"other.example:5000/att\" is no "
     "repository of this registry\n"
     "HINT: give its path alone, such as security/attestations\n"},
    {"NoConcurrency",
     "registries: [{name: a, url: \"https://r.example\", poll: {max_concurrency: 0}}]\n",
     "s.yaml:1:74: registries[0].poll.max_concurrency: expected a whole number from 1 to 256, "
     "found \"0\"\n"},
    {"NegativeRate",
     "registries: [{name: a, url: \"https://r.example\", poll: {max_requests_per_second: -1}}]\n",
     "s.yaml:1:82: registries[0].poll.max_requests_per_second: expected a number from 0.01 to "
     "100000, found \"-1\"\n"},
    {"BadEnvironmentPattern",
     "registries: [{name: a, url: \"https://r.example\", environments: {\"***\": dev}}]\n",
     "s.yaml:1:72: registries[0].environments[\"***\"]: the pattern \"***\" has more than two "
     "stars in a row\n"
     "HINT: patterns know * (not across /), ** (across /) and ?\n"},
    {"SourceNameTwice",
     "registries: [{name: a, url: \"https://r.example\"}]\nworkloads: [{name: a, type: file, path: "
     "w.json}]\n",
     "s.yaml:2:20: workloads[0].name: the name \"a\" is taken by the registry on line 1\n"},
    {"SpoolWithoutPath", "spool: [{name: a}]\n", "s.yaml:1:9: spool[0]: \"path\" is missing\n"},
    {"SpoolNameTwice",
     "workloads: [{name: a, type: file, path: w.json}]\nspool: [{name: a, path: s}]\n",
     "s.yaml:2:16: spool[0].name: the name \"a\" is taken by the workload on line 1\n"},
    {"SpoolFolderTwice", "spool: [{name: a, path: /s/one}, {name: b, path: /s/../s/one/}]\n",
     "s.yaml:1:50: spool[1].path: the folder is that of spool \"a\"\n"},
    {"SpoolUnknownKey", "spool: [{name: a, path: s, environment: production}]\n",
     "s.yaml:1:28: spool[0]: unknown key \"environment\"\n"
     "HINT: known are: name, path, poll_every, blind_after\n"},
    {"WorkloadWithoutType", "workloads: [{name: a, path: w.json}]\n",
     "s.yaml:1:13: workloads[0]: \"type\" is missing\n"},
    {"WorkloadUnknownType", "workloads: [{name: a, type: dockr, url: \"unix:///d\"}]\n",
     "s.yaml:1:29: workloads[0].type: unknown value \"dockr\"\n"
     "HINT: did you mean \"docker\"?\n"},
    {"DockerPlainTcp", "workloads: [{name: a, type: docker, url: \"http://h.example:2375\"}]\n",
     "s.yaml:1:42: workloads[0].url: plain http to \"h.example\" is refused\n"
     "HINT: use https, or set allow_plaintext: true beside it\n"},
    {"DockerTcpScheme", "workloads: [{name: a, type: docker, url: \"tcp://h.example:2375\"}]\n",
     "s.yaml:1:42: workloads[0].url: \"tcp://h.example:2375\" is not the URL of a Docker Engine\n"
     "HINT: write unix:///run/docker.sock or https://host:2376\n"},
    {"DockerTlsOverSocket",
     "workloads: [{name: a, type: docker, url: \"unix:///run/d.sock\", tls: {}}]\n",
     "s.yaml:1:69: workloads[0].tls: tls has no use with \"unix:///run/d.sock\"\n"
     "HINT: use an https:// URL\n"},
    {"FileWithoutPath", "workloads: [{name: a, type: file}]\n",
     "s.yaml:1:13: workloads[0]: \"path\" is missing\n"},
    {"KeyOfAnotherType", "workloads: [{name: a, type: file, path: w, url: \"unix:///d\"}]\n",
     "s.yaml:1:44: workloads[0]: unknown key \"url\"\n"
     "HINT: known are: name, type, path, poll_every, environment, namespaces, environments, "
     "ignore_images, blind_after\n"},
    {"OwnerWithoutName", "owners: [{match: {repositories: [\"**\"]}}]\n",
     "s.yaml:1:10: owners[0]: \"owner\" is missing\n"},
};

const Refusal receivers_and_routes[] = {
    {"ReceiverWithoutKind", "receivers: [{name: a}]\n",
     "s.yaml:1:13: receivers[0]: a receiver needs a kind\n"
     "HINT: write one of webhook, alertmanager, pagerduty, slack, teams, opsgenie, email\n"},
    {"ReceiverWithTwoKinds",
     "receivers: [{name: a, webhook: {url: \"https://h.example\"}, alertmanager: {urls: "
     "[\"https://a.example\"]}}]\n",
     "s.yaml:1:13: receivers[0]: a receiver has one kind only\n"
     "HINT: make one receiver of each and name both in the route\n"},
    {"ReceiverNameTwice",
     "receivers:\n  - {name: a, webhook: {url: \"https://h.example\"}}\n  - {name: a, webhook: "
     "{url: \"https://i.example\"}}\n",
     "s.yaml:3:12: receivers[1].name: the name \"a\" is taken by the receiver on line 2\n"},
    {"WebhookPlainHttp",
     "receivers: [{name: a, webhook: {url: \"http://h.example/secret-path\"}}]\n",
     "s.yaml:1:38: receivers[0].webhook.url: plain http to \"h.example\" is refused\n"
     "HINT: use https, or set allow_plaintext: true beside it\n"},
    {"WebhookWeakSecret",
     "receivers: [{name: a, webhook: {url: \"https://h.example\", signing_secret: hunter2}}]\n",
     "s.yaml:1:32: receivers[0].webhook: the signing secret is not whsec_ and the base64 form of "
     "24 to 64 bytes\n"
     "HINT: make one with: echo whsec_$(openssl rand -base64 32)\n"},
    {"WebhookUnknownFormat",
     "receivers: [{name: a, webhook: {url: \"https://h.example\", format: slack}}]\n",
     "s.yaml:1:67: receivers[0].webhook.format: unknown value \"slack\"\n"
     "HINT: known are: standard, alertmanager\n"},
    {"AlertmanagerPlainHttp",
     "receivers: [{name: a, alertmanager: {urls: [\"http://am.example:9093\"]}}]\n",
     "s.yaml:1:45: receivers[0].alertmanager.urls[0]: plain http to \"am.example\" is refused\n"
     "HINT: use https, or set allow_plaintext: true beside it\n"},
    {"AlertmanagerNone", "receivers: [{name: a, alertmanager: {urls: []}}]\n",
     "s.yaml:1:44: receivers[0].alertmanager.urls: must name at least one Alertmanager\n"},
    {"AlertmanagerResolvesTooSoon",
     "receivers: [{name: a, alertmanager: {urls: [\"https://a.example\"], resolve_after: 1m}}]\n",
     "s.yaml:1:82: receivers[0].alertmanager.resolve_after: must be at least 3m, found \"1m\"\n"},
    {"RouteToNobody", "routes: [{receivers: []}]\n",
     "s.yaml:1:22: routes[0].receivers: a route without receivers would lose its alerts\n"
     "HINT: name at least one receiver\n"},
    {"RouteToAStranger",
     "receivers: [{name: oncall, webhook: {url: \"https://h.example\"}}]\nroutes: [{receivers: "
     "[oncal]}]\n",
     "s.yaml:2:23: routes[0].receivers[0]: there is no receiver \"oncal\"\n"
     "HINT: did you mean \"oncall\"?\n"},
    {"RouteWithoutReceivers", "routes: [{match: []}]\n",
     "s.yaml:1:10: routes[0]: \"receivers\" is missing\n"},
    {"MatcherWithoutOperator",
     "receivers: [{name: a, webhook: {url: \"https://h.example\"}}]\nroutes: [{match: [severity], "
     "receivers: [a]}]\n",
     "s.yaml:2:19: routes[0].match[0]: bad matcher: has no operator\n"
     "HINT: write label=\"value\" with =, !=, =~ or !~, such as 'severity=\"critical\"'\n"},
    {"MatcherWithBadRegex",
     "receivers: [{name: a, webhook: {url: \"https://h.example\"}}]\nroutes: [{match: "
     "['owner=~\"(\"'], receivers: [a]}]\n",
     "s.yaml:2:19: routes[0].match[0]: bad matcher: \"(\" is not a regular expression\n"
     "HINT: write label=\"value\" with =, !=, =~ or !~, such as 'severity=\"critical\"'\n"},
    {"MatcherWithBadLabel",
     "receivers: [{name: a, webhook: {url: \"https://h.example\"}}]\nroutes: [{match: "
     "['a-b=\"c\"'], receivers: [a]}]\n",
     "s.yaml:2:19: routes[0].match[0]: bad matcher: \"a-b\" is not a label name\n"
     "HINT: write label=\"value\" with =, !=, =~ or !~, such as 'severity=\"critical\"'\n"},
    {"PolicyListIsNull", "policies: [{name: a, trust: ~}]\n",
     "s.yaml:1:22: policies[0].trust: has no value\n"
     "HINT: give it one or remove the line\n"},
    {"MatcherNotClosed",
     "receivers: [{name: a, webhook: {url: \"https://h.example\"}}]\nroutes: [{match: ['a=\"c'], "
     "receivers: [a]}]\n",
     "s.yaml:2:19: routes[0].match[0]: bad matcher: the value is not closed by a quote, or more "
     "follows it\n"
     "HINT: write label=\"value\" with =, !=, =~ or !~, such as 'severity=\"critical\"'\n"},
    {"RepeatZero",
     "receivers: [{name: a, webhook: {url: \"https://h.example\"}}]\nroutes: [{receivers: [a], "
     "repeat_every: 0s}]\n",
     "s.yaml:2:41: routes[0].repeat_every: must be at least 1s, found \"0s\"\n"},
    {"UnknownTimeZone", "display: {time_zone: Europe/Atlantis}\n",
     "s.yaml:1:22: display.time_zone: this host knows no time zone \"Europe/Atlantis\"\n"
     "HINT: write UTC or a name of the IANA database, such as Europe/Berlin; the package tzdata "
     "has "
     "them\n"},
};

INSTANTIATE_TEST_SUITE_P(Form, Refuses, testing::ValuesIn(form), name_of);
INSTANTIATE_TEST_SUITE_P(Server, Refuses, testing::ValuesIn(database_and_server), name_of);
INSTANTIATE_TEST_SUITE_P(Policies, Refuses, testing::ValuesIn(policies), name_of);
INSTANTIATE_TEST_SUITE_P(Sources, Refuses, testing::ValuesIn(sources), name_of);
INSTANTIATE_TEST_SUITE_P(Routes, Refuses, testing::ValuesIn(receivers_and_routes), name_of);

}  // namespace
}  // namespace scanclock
