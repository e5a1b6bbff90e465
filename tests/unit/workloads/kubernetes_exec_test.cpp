#include "core/workloads/kubernetes_exec.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace scanclock {
namespace {

constexpr const char* exec_v1 = "client.authentication.k8s.io/v1";

std::string exec_credential(const std::string& status) {
  return std::string(R"({"kind":"ExecCredential","apiVersion":")") + exec_v1 + R"(","status":)" +
         status + "}";
}

TEST(ExecCredential, IsATokenOrACertificateWithItsKey) {
  const auto token = parse_exec_credential(
      exec_credential(R"({"token":"t","expirationTimestamp":"2026-11-01T12:00:00Z"})"), exec_v1);
  ASSERT_TRUE(token) << token.error();
  EXPECT_EQ(token->token, "t");
  EXPECT_EQ(token->expires_at, parse_rfc3339("2026-11-01T12:00:00Z"));
  const auto certificate = parse_exec_credential(
      exec_credential(R"({"clientCertificateData":"c","clientKeyData":"k"})"), exec_v1);
  ASSERT_TRUE(certificate) << certificate.error();
  EXPECT_EQ(certificate->certificate_pem, "c");
  EXPECT_EQ(certificate->key_pem, "k");
  EXPECT_FALSE(certificate->expires_at);
}

TEST(ExecCredential, IsRefusedWithoutBeingShown) {
  const std::pair<std::string, const char*> cases[] = {
      {"", "did not print"},
      {"hunter2", "did not print"},
      {R"({"kind":"Pod","token":"hunter2"})", "did not print"},
      {R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1beta1",
          "status":{"token":"hunter2"}})",
       "another apiVersion"},
      {R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1"})",
       "without a status"},
      {exec_credential("{}"), "neither a token nor"},
      {exec_credential(R"({"clientKeyData":"hunter2"})"), "without the other"},
      {exec_credential(R"({"token":"hunter2\nX: y"})"), "control characters"},
      {exec_credential(R"({"token":"hunter2","expirationTimestamp":"soon"})"), "no time"},
  };
  for (const auto& [output, expected] : cases) {
    const auto refused = parse_exec_credential(output, exec_v1);
    ASSERT_FALSE(refused) << output;
    EXPECT_NE(refused.error().find(expected), std::string::npos) << refused.error();
    EXPECT_EQ(refused.error().find("hunter2"), std::string::npos) << refused.error();
  }
}

/// A folder with a shell script that stands in for a plugin.
class ExecPlugin : public testing::Test {
 protected:
  ExecPlugin() {
    std::string pattern = (std::filesystem::temp_directory_path() / "plugin-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    access_.name = "context \"prod\"";
    access_.server = "https://api.example";
    access_.tls_server_name = "kubernetes";
    access_.exec.emplace();
    access_.exec->api_version = exec_v1;
  }
  ~ExecPlugin() override { std::filesystem::remove_all(folder_); }

  Result<KubernetesExecCredential, std::string> run_script(const std::string& body) {
    const auto path = folder_ / "plugin";
    std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    access_.exec->command = path;
    return run_exec_plugin(access_, "CA");
  }
  std::string seen(const std::string& name) const {
    std::ifstream file(folder_ / name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  std::filesystem::path folder_;
  KubernetesAccess access_;
};

TEST_F(ExecPlugin, GetsItsArgumentsAndVariablesAndTheClusterWhereItAsks) {
  access_.exec->arguments = {"eks", "get token"};
  access_.exec->environment = {{"AWS_PROFILE", "prod"}, {"LANG", "de_DE"}};
  access_.exec->provide_cluster_info = true;
  ::setenv("SCANCLOCK_TEST_KEPT_BACK", "secret", 1);
  const auto credential =
      run_script("printf '%s' \"$KUBERNETES_EXEC_INFO\" > " + (folder_ / "info").string() +
                 "; env > " + (folder_ / "env").string() + "\ncat <<END\n" +
                 exec_credential(R"({"token":"'$1-$2'"})") + "\nEND");
  ASSERT_TRUE(credential) << credential.error();
  EXPECT_EQ(credential->token, "'eks-get token'");
  const auto info = nlohmann::json::parse(seen("info"));
  EXPECT_EQ(info["apiVersion"], exec_v1);
  EXPECT_EQ(info["kind"], "ExecCredential");
  EXPECT_EQ(info["spec"]["interactive"], false);
  EXPECT_EQ(info["spec"]["cluster"]["server"], "https://api.example");
  EXPECT_EQ(info["spec"]["cluster"]["tls-server-name"], "kubernetes");
  EXPECT_EQ(info["spec"]["cluster"]["certificate-authority-data"], "Q0E=");
  const std::string variables = seen("env");
  EXPECT_NE(variables.find("AWS_PROFILE=prod"), std::string::npos) << variables;
  EXPECT_NE(variables.find("LANG=de_DE"), std::string::npos) << variables;
  EXPECT_EQ(variables.find("C.UTF-8"), std::string::npos) << variables;
  EXPECT_EQ(variables.find("KEPT_BACK"), std::string::npos) << variables;
}

TEST_F(ExecPlugin, IsNotToldOfTheClusterUnasked) {
  const auto info = nlohmann::json::parse(kubernetes_exec_info(access_, "CA"));
  EXPECT_FALSE(info["spec"].contains("cluster"));
}

TEST_F(ExecPlugin, ThatFailsSaysHowAndWhereToGetABetterOne) {
  access_.exec->install_hint = "apt install it";
  const auto failed = run_script("echo hunter2; exit 3");
  ASSERT_FALSE(failed);
  EXPECT_NE(failed.error().find("plugin ended with status 3\nHINT: apt install it"),
            std::string::npos)
      << failed.error();
  EXPECT_EQ(failed.error().find("hunter2"), std::string::npos);
  access_.exec->command = "/nonexistent/plugin";
  const auto missing = run_exec_plugin(access_, "");
  EXPECT_NE(missing.error().find("/nonexistent/plugin cannot be run: No such file"),
            std::string::npos)
      << missing.error();
}

}  // namespace
}  // namespace scanclock
