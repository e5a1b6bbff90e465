#include "core/registry/docker_config.hpp"

#include "core/runtime/hashing.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

RegistryLogin login_of(const std::string& text, const std::string& host,
                       const std::string& repository = "") {
  const auto found = find_docker_logins(text, host);
  EXPECT_TRUE(found) << found.error();
  return found ? found->logins.of(repository) : RegistryLogin();
}

TEST(DockerConfig, FindsTheLoginOfAHost) {
  const std::string text =
      R"({"auths":{"https://index.docker.io/v1/":{"auth":")" + base64_encode("hub:p:w") +
      R"("},"r.example:5000":{"username":"u","password":"p"},)"
      R"("https://azure.example":{"identitytoken":"t"},"R.Upper.example":{"registrytoken":"g"}}})";
  EXPECT_EQ(login_of(text, "docker.io").password, "p:w");
  EXPECT_EQ(login_of(text, "registry-1.docker.io").username, "hub");
  EXPECT_EQ(login_of(text, "r.example:5000").username, "u");
  EXPECT_EQ(login_of(text, "azure.example").identity_token, "t");
  EXPECT_EQ(login_of(text, "r.upper.example").registry_token, "g");
  EXPECT_FALSE(find_docker_logins(text, "r.example")->found);
}

TEST(DockerConfig, TakesTheMostSpecificNamespace) {
  const std::string text = R"({"auths":{"q.example":{"username":"host","password":"1"},)"
                           R"("q.example/team":{"username":"team","password":"2"},)"
                           R"("q.example/team/app/":{"username":"app","password":"3"},)"
                           R"("other.example/team":{"username":"other","password":"4"}}})";
  EXPECT_EQ(login_of(text, "q.example", "team/app").username, "app");
  EXPECT_EQ(login_of(text, "q.example", "team/app/sub").username, "app");
  EXPECT_EQ(login_of(text, "q.example", "team/application").username, "team");
  EXPECT_EQ(login_of(text, "q.example", "teamster/app").username, "host");
  EXPECT_EQ(login_of(text, "q.example").username, "host");
  EXPECT_TRUE(login_of(text, "other.example", "public/app").anonymous());
  EXPECT_EQ(find_docker_logins(text, "q.example")->logins.namespace_of("team/app"), "team/app");
  EXPECT_EQ(find_docker_logins(text, "q.example")->logins.namespace_of("x"), "");
}

TEST(DockerConfig, NamesTheHelperThatKeepsALogin) {
  const std::string text =
      R"({"auths":{"a.example":{},"b.example":{"username":"u","password":"p"},)"
      R"("c.example":{"username":"stale","password":"p"}},)"
      R"("credsStore":"desktop","credHelpers":{"c.example":"ecr-login"}})";
  EXPECT_EQ(find_docker_logins(text, "a.example")->helper, "desktop");
  EXPECT_EQ(find_docker_logins(text, "unknown.example")->helper, "desktop");
  EXPECT_EQ(find_docker_logins(text, "b.example")->helper, "");
  EXPECT_EQ(login_of(text, "b.example").username, "u");
  EXPECT_EQ(find_docker_logins(text, "c.example")->helper, "ecr-login");
  EXPECT_TRUE(login_of(text, "c.example").anonymous());
}

TEST(DockerConfig, ThatIsDamagedSaysWhereWithoutShowingValues) {
  for (const char* text :
       {R"({"auths":{"h":{"auth":"c2VjcmV0"}}})", R"({"auths":{"h":{"auth":"secret!"}}})",
        R"({"auths":{"h":"secret"}})"}) {
    const auto login = find_docker_logins(text, "h");
    ASSERT_FALSE(login);
    EXPECT_NE(login.error().find("h"), std::string::npos);
    EXPECT_EQ(login.error().find("secret"), std::string::npos);
  }
  EXPECT_FALSE(find_docker_logins("{", "h"));
  EXPECT_FALSE(find_docker_logins(std::string(docker_config_bytes_max + 1, ' '), "h"));
  EXPECT_FALSE(find_docker_logins("{}", "h")->found);
  EXPECT_FALSE(find_docker_logins(R"({"auths":null,"credHelpers":[]})", "h")->found);
}

TEST(ProgramAnswer, IsALoginOrAnIdentityToken) {
  const auto login = parse_program_login(R"({"ServerURL":"h","Username":"AWS","Secret":"s"})");
  ASSERT_TRUE(login);
  EXPECT_EQ(login->username, "AWS");
  EXPECT_EQ(login->password, "s");
  const auto token = parse_program_login(R"({"Username":"<token>","Secret":"refresh"})");
  ASSERT_TRUE(token);
  EXPECT_EQ(token->identity_token, "refresh");
  EXPECT_TRUE(token->username.empty() && token->password.empty());
}

TEST(ProgramAnswer, OfAnotherFormIsRefusedWithoutShowingIt) {
  for (const char* output : {"hunter2", R"(["hunter2"])", R"({"Username":"hunter2"})",
                             R"({"Username":"u","Secret":7})"}) {
    const auto login = parse_program_login(output);
    ASSERT_FALSE(login) << output;
    EXPECT_EQ(login.error().find("hunter2"), std::string::npos);
  }
}

}  // namespace
}  // namespace scanclock
