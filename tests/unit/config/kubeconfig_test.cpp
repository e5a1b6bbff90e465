#include "config/kubeconfig.hpp"

#include "tests/unit/config/temporary_files.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

namespace scanclock {
namespace {

constexpr const char* cluster_and_context = R"(apiVersion: v1
kind: Config
current-context: prod
clusters:
- name: c
  cluster: {server: "https://api.example:6443"}
contexts:
- name: prod
  context: {cluster: c, user: u, namespace: team}
)";

std::string kubeconfig_with_user(const std::string& user) {
  return std::string(cluster_and_context) + "users:\n- name: u\n  user: " + user + "\n";
}

std::string kubeconfig_with_cluster(const std::string& cluster) {
  return "current-context: prod\nclusters:\n- {name: c, cluster: " + cluster +
         "}\ncontexts:\n- {name: prod, context: {cluster: c}}\n";
}

KubernetesAccessResult kubeconfig_of(const std::string& text, KubeconfigChoice choice = {}) {
  return parse_kubeconfigs({{"/etc/k/config", text}}, choice);
}

std::string errors_of_kubeconfig(const std::string& text, const KubeconfigChoice& choice) {
  const auto access = kubeconfig_of(text, choice);
  return access ? "" : to_string(access.error());
}

TEST(Kubeconfig, GivesWhatItsCurrentContextLeadsTo) {
  const auto access = kubeconfig_of(
      kubeconfig_with_user("{tokenFile: token, as: bob, as-uid: u1, as-groups: [g1, g2], "
                           "as-user-extra: {reason: [audit]}}"));
  ASSERT_TRUE(access) << to_string(access.error());
  EXPECT_EQ(access->name, "context \"prod\" of /etc/k/config");
  EXPECT_EQ(access->server, "https://api.example:6443");
  EXPECT_EQ(access->default_namespace, "team");
  EXPECT_EQ(access->token_file, "/etc/k/token");
  EXPECT_EQ(access->impersonation.user, "bob");
  EXPECT_EQ(access->impersonation.uid, "u1");
  EXPECT_EQ(access->impersonation.groups, (std::vector<std::string>{"g1", "g2"}));
  EXPECT_EQ(access->impersonation.extra.at("reason"), std::vector<std::string>{"audit"});
}

TEST(Kubeconfig, HoldsCertificatesInPlaceOrBesideItself) {
  const auto access =
      kubeconfig_of(kubeconfig_with_user("{client-certificate-data: Y2VydA==, client-certificate: "
                                         "sub/c.pem, client-key: /abs/k.pem}"));
  ASSERT_TRUE(access) << to_string(access.error());
  EXPECT_EQ(access->client_certificate.pem, "cert");
  EXPECT_EQ(access->client_certificate.file, "/etc/k/sub/c.pem");
  EXPECT_EQ(access->client_key.file, "/abs/k.pem");
  const auto cluster = kubeconfig_of(kubeconfig_with_cluster(
      "{server: 'https://[::1]:6443/k8s/', certificate-authority-data: \"Q\\nQ==\", "
      "tls-server-name: kubernetes, disable-compression: true, "
      "proxy-url: 'http://u:p@proxy.example:3128'}"));
  ASSERT_TRUE(cluster) << to_string(cluster.error());
  EXPECT_EQ(cluster->server, "https://[::1]:6443/k8s");
  EXPECT_EQ(cluster->ca.pem, "A");
  EXPECT_EQ(cluster->tls_server_name, "kubernetes");
  EXPECT_TRUE(cluster->disable_compression);
  EXPECT_EQ(cluster->proxy_url, "http://u:p@proxy.example:3128");
}

TEST(Kubeconfig, MayBeJsonAndHoldWhatNobodyKnowsAndNulls) {
  const auto access = kubeconfig_of(
      R"({"kind":"Config","apiVersion":"v1","preferences":{},"extensions":null,"current-context":"x",
          "clusters":[{"name":"c","cluster":{"server":"https://a.example","certificate-authority":"",
          "extensions":[{"name":"minikube","extension":{"a":1}}]}}],
          "contexts":[{"name":"x","context":{"cluster":"c","user":""}}],"users":null})");
  ASSERT_TRUE(access) << to_string(access.error());
  EXPECT_EQ(access->server, "https://a.example");
  EXPECT_TRUE(access->ca.empty());
}

TEST(Kubeconfig, OfSeveralFilesTheFirstThatNamesAThingWins) {
  const std::vector<KubeconfigText> files = {
      {"/one/config", "users: [{name: u, user: {token: first}}]\n"},
      {"/two/config", kubeconfig_with_user("{token: second, username: never}")},
      {"/three/config",
       "current-context: other\n" + kubeconfig_with_cluster("{server: 'https://z.example'}")
                                        .substr(std::string("current-context: prod\n").size())},
  };
  const auto access = parse_kubeconfigs(files, {});
  ASSERT_TRUE(access) << to_string(access.error());
  EXPECT_EQ(access->token, "first");
  EXPECT_TRUE(access->username.empty()) << "nothing of a later entry is mixed in";
  EXPECT_EQ(access->server, "https://api.example:6443");
  EXPECT_EQ(access->name, "context \"prod\" of /two/config");
}

TEST(Kubeconfig, RelativePathsLieBesideTheFileThatNamesThem) {
  const auto access = parse_kubeconfigs(
      {{"/one/config", "users: [{name: u, user: {tokenFile: ../t}}]"},
       {"two/config",
        kubeconfig_with_cluster("{server: 'https://a.example', certificate-authority: ca.pem}")},
       {"/three/config", "contexts: [{name: p, context: {cluster: c, user: u}}]"}},
      KubeconfigChoice{"p", false, false});
  ASSERT_TRUE(access) << to_string(access.error());
  EXPECT_EQ(access->token_file, "/one/../t");
  EXPECT_EQ(access->ca.file, "two/ca.pem");
}

TEST(Kubeconfig, AnExecPluginIsTakenWhereItIsAllowed) {
  KubeconfigChoice choice;
  choice.allow_exec = true;
  const auto access = kubeconfig_of(
      kubeconfig_with_user(
          "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: /bin/x, "
          "args: [a, '1'], env: [{name: P, value: q}], provideClusterInfo: true, "
          "interactiveMode: IfAvailable, installHint: \"get\\nit\"}}"),
      choice);
  ASSERT_TRUE(access) << to_string(access.error());
  ASSERT_TRUE(access->exec);
  EXPECT_EQ(access->exec->command, "/bin/x");
  EXPECT_EQ(access->exec->arguments, (std::vector<std::string>{"a", "1"}));
  EXPECT_EQ(access->exec->environment[0].second, "q");
  EXPECT_TRUE(access->exec->provide_cluster_info);
  EXPECT_EQ(access->exec->install_hint, "get it");
}

TEST(Kubeconfig, PlainHttpIsForThisHostOrTheExplicitWord) {
  EXPECT_TRUE(kubeconfig_of(kubeconfig_with_cluster("{server: 'http://127.0.0.1:8001'}")));
  EXPECT_FALSE(kubeconfig_of(kubeconfig_with_cluster("{server: 'http://api.example'}")));
  KubeconfigChoice choice;
  choice.allow_plaintext = true;
  EXPECT_TRUE(kubeconfig_of(kubeconfig_with_cluster("{server: 'http://api.example'}"), choice));
}

struct KubeconfigRefusal {
  const char* rule;
  std::string text;
  const char* expected;
  KubeconfigChoice choice = {};
};

void PrintTo(const KubeconfigRefusal& refusal, std::ostream* stream) { *stream << refusal.rule; }

class KubeconfigRefuses : public testing::TestWithParam<KubeconfigRefusal> {};

TEST_P(KubeconfigRefuses, NamingFilePlaceAndEntryAndNoSecret) {
  const std::string errors = errors_of_kubeconfig(GetParam().text, GetParam().choice);
  EXPECT_NE(errors.find(GetParam().expected), std::string::npos) << errors;
  EXPECT_EQ(errors.find("hunter2"), std::string::npos) << errors;
  EXPECT_TRUE(errors.starts_with("/etc/k/config")) << errors;
}

const KubeconfigRefusal kubeconfig_refusals[] = {
    {"Garbage", "hunter2", ":1:1: is no kubeconfig"},
    {"Empty", "", "is no kubeconfig"},
    {"BrokenYaml", "clusters: [", "not valid YAML"},
    {"AnotherKind", "kind: Secret\napiVersion: v1\ndata: {a: hunter2}", "is not a kubeconfig"},
    {"NoCurrentContext", "contexts: [{name: b, context: {}}, {name: a, context: {}}]",
     "names no current-context\nHINT: choose one with context: NAME beside kubeconfig; there are: "
     "a, b"},
    {"UnknownContext",
     cluster_and_context,
     "no context is named \"stage\"\nHINT: there are: prod",
     {"stage", false, false}},
    {"UnknownCluster", "current-context: p\ncontexts: [{name: p, context: {cluster: x}}]",
     "contexts[\"p\"].context.cluster: no cluster is named \"x\"\nHINT: there is none"},
    {"UnknownUser", cluster_and_context, "contexts[\"prod\"].context.user: no user is named \"u\""},
    {"TwiceInOneFile", "users: [{name: u, user: {}}, {name: u, user: {}}]",
     "users[1].name: \"u\" comes twice"},
    {"NoName", "users: [{user: {}}]", "users[0].name: is missing"},
    {"ListOfTexts", "users: [a]", "users: expected a list of maps"},
    {"MapForText", kubeconfig_with_user("{token: {a: hunter2}}"),
     "users[\"u\"].user.token: expected a text"},
    {"TokenOfTwoLines", kubeconfig_with_user("{token: \"hunter2\\nX-A: b\"}"),
     "control characters"},
    {"NoServer", kubeconfig_with_cluster("{}"), "clusters[\"c\"].cluster.server: is not the URL"},
    {"NoScheme", kubeconfig_with_cluster("{server: '10.0.0.1:6443'}"),
     "is not the URL of an API server"},
    {"ServerWithPassword", kubeconfig_with_cluster("{server: 'https://a:hunter2@h.example'}"),
     "is not the URL"},
    {"PlainHttp", kubeconfig_with_cluster("{server: 'http://h.example'}"),
     "plain http to \"h.example\""},
    {"InsecureBesideAuthority",
     kubeconfig_with_cluster("{server: 'https://h.example', insecure-skip-tls-verify: true, "
                             "certificate-authority: ca.pem}"),
     "insecure-skip-tls-verify: stands beside a certificate authority"},
    {"NoFlag",
     kubeconfig_with_cluster("{server: 'https://h.example', insecure-skip-tls-verify: maybe}"),
     "expected true or false"},
    {"AuthorityNotBase64",
     kubeconfig_with_cluster(
         "{server: 'https://h.example', certificate-authority-data: 'hunter2!'}"),
     "certificate-authority-data: is not base64"},
    {"ServerNameWithPort",
     kubeconfig_with_cluster("{server: 'https://h.example', tls-server-name: 'a:1'}"),
     "is not the name of a host"},
    {"SocksProxy",
     kubeconfig_with_cluster(
         "{server: 'https://h.example', proxy-url: 'socks5://u:hunter2@p.example'}"),
     "proxy-url: is not the http:// URL of a proxy"},
    {"ProxyForPlainHttp",
     kubeconfig_with_cluster("{server: 'http://127.0.0.1:1', proxy-url: 'http://p.example:3128'}"),
     "only https goes through a proxy"},
    {"CertificateWithoutKey", kubeconfig_with_user("{client-certificate: c.pem}"),
     "has a client-certificate and no client-key"},
    {"KeyWithoutCertificate", kubeconfig_with_user("{client-key-data: aHVudGVyMg==}"),
     "has a client-key and no client-certificate"},
    {"TokenAndPassword", kubeconfig_with_user("{token: hunter2, username: a, password: hunter2}"),
     "has more than one of token, username and exec"},
    {"GroupsWithoutUser", kubeconfig_with_user("{token: hunter2, as-groups: [a]}"),
     "has as-uid, as-groups or as-user-extra and no \"as\""},
    {"AuthProvider",
     kubeconfig_with_user("{auth-provider: {name: oidc, config: {id-token: hunter2}}}"),
     "auth-provider: was removed from Kubernetes"},
    {"ExecNotAllowed",
     kubeconfig_with_user("{exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/aws, "
                          "env: [{name: A, value: hunter2}]}}"),
     "wants to run /bin/aws for its credentials, which is not allowed\nHINT: set allow_exec: true"},
    {"ExecRelative",
     kubeconfig_with_user("{exec: {apiVersion: client.authentication.k8s.io/v1, command: aws}}"),
     "exec.command: \"aws\" has no absolute path",
     {"", true, false}},
    {"ExecOfAnOldVersion",
     kubeconfig_with_user(
         "{exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: /bin/aws}}"),
     "exec.apiVersion: is neither",
     {"", true, false}},
    {"ExecThatAsks",
     kubeconfig_with_user("{exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/aws, "
                          "interactiveMode: Always}}"),
     "has no terminal",
     {"", true, false}},
    {"ExecAndToken",
     kubeconfig_with_user("{token: hunter2, exec: {apiVersion: client.authentication.k8s.io/v1, "
                          "command: /bin/aws}}"),
     "has more than one of token, username and exec",
     {"", true, false}},
};

std::string kubeconfig_rule(const testing::TestParamInfo<KubeconfigRefusal>& refusal) {
  return refusal.param.rule;
}

INSTANTIATE_TEST_SUITE_P(Rules, KubeconfigRefuses, testing::ValuesIn(kubeconfig_refusals),
                         kubeconfig_rule);

constexpr const char* certificate_text =
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

TEST(KubeconfigFiles, AreReadWithAllThatTheyName) {
  TemporaryFiles files;
  files.write("ca.pem", certificate_text);
  files.write("token", "hunter2\n");
  const std::string cluster = files.write(
      "a", kubeconfig_with_cluster("{server: 'https://h.example', certificate-authority: ca.pem}"));
  const std::string user = files.write("b",
                                       "contexts: [{name: t, context: {cluster: c, user: u}}]\n"
                                       "users: [{name: u, user: {tokenFile: token}}]\n");
  const auto access = read_kubeconfigs({cluster, user}, KubeconfigChoice{"t", false, false});
  ASSERT_TRUE(access) << to_string(access.error());
  EXPECT_EQ(access->ca.file, files.path() + "/ca.pem");
  EXPECT_EQ(access->token_file, files.path() + "/token");
}

TEST(KubeconfigFiles, ThatCannotBeUsedAreNamed) {
  TemporaryFiles files;
  files.write("empty", " \n");
  files.write("no.pem", "hunter2");
  const std::string config = files.write(
      "config", kubeconfig_with_user(
                    "{tokenFile: empty, client-certificate: missing.pem, client-key: no.pem}"));
  const auto access = read_kubeconfigs({config}, {});
  ASSERT_FALSE(access);
  const std::string errors = to_string(access.error());
  EXPECT_NE(errors.find("missing.pem: No such file"), std::string::npos) << errors;
  EXPECT_NE(errors.find("no.pem holds no PRIVATE KEY in PEM"), std::string::npos) << errors;
  EXPECT_NE(errors.find("empty is empty"), std::string::npos) << errors;
  EXPECT_EQ(errors.find("hunter2"), std::string::npos) << errors;
  const auto missing = read_kubeconfigs({files.path() + "/absent", files.path()}, {});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().size(), 2u);
  EXPECT_NE(to_string(missing.error()).find("absent: cannot read the kubeconfig: No such file"),
            std::string::npos);
}

TEST(InCluster, IsReadFromThePodsFolderAndEnvironment) {
  TemporaryFiles files;
  files.write("ca.crt", certificate_text);
  files.write("token", "t");
  files.write("namespace", "scanclock\n");
  InClusterPlace place;
  place.folder = files.path();
  place.host = "fd00::1";
  place.port = "443";
  const auto access = read_in_cluster_access(place);
  ASSERT_TRUE(access) << to_string(access.error());
  EXPECT_EQ(access->server, "https://[fd00::1]:443");
  EXPECT_EQ(access->ca.file, files.path() + "/ca.crt");
  EXPECT_EQ(access->token_file, files.path() + "/token");
  EXPECT_EQ(access->default_namespace, "scanclock");
}

TEST(InCluster, SaysThatThisIsNoPod) {
  TemporaryFiles files;
  InClusterPlace place;
  place.folder = files.path();
  auto access = read_in_cluster_access(place);
  ASSERT_FALSE(access);
  EXPECT_NE(to_string(access.error()).find("KUBERNETES_SERVICE_HOST"), std::string::npos);
  place.host = "10.0.0.1";
  place.port = "443";
  access = read_in_cluster_access(place);
  ASSERT_FALSE(access);
  EXPECT_NE(to_string(access.error()).find("ca.crt: No such file"), std::string::npos);
}

}  // namespace
}  // namespace scanclock
