#include "core/registry/credential_program.hpp"

#include "tests/support/eventually.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace scanclock {
namespace {

using namespace std::chrono_literals;

/// A folder with shell scripts that stand in for credential helpers.
class CredentialPrograms : public testing::Test {
 protected:
  CredentialPrograms()
      : folder_(std::filesystem::path(testing::TempDir()) /
                ("credential-helpers-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~CredentialPrograms() override { std::filesystem::remove_all(folder_); }

  CredentialProgram script(const std::string& body) {
    const auto path = folder_ / ("docker-credential-test" + std::to_string(count_++));
    std::ofstream(path) << "#!/bin/sh\n" << body << "\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    CredentialProgram helper;
    helper.program = path;
    return helper;
  }
  std::string read(const std::string& name) const {
    std::ifstream file(folder_ / name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  std::string path_of(const std::string& name) const { return folder_ / name; }

 private:
  std::filesystem::path folder_;
  int count_ = 0;
};

TEST_F(CredentialPrograms, AreToldTheServerAndAnswerWithALogin) {
  const CredentialProgram helper = script(
      "read server; echo \"{\\\"Username\\\":\\\"$1-$server\\\",\\\"Secret\\\":\\\"s\\\"}\"");
  const auto login = ask_credential_program(helper, "r.example:5000");
  ASSERT_TRUE(login) << login.error();
  EXPECT_EQ(login->username, "get-r.example:5000");
  EXPECT_EQ(login->password, "s");
}

TEST_F(CredentialPrograms, ThatFailSayHowWithoutTheirOutput) {
  const auto login = ask_credential_program(script("echo hunter2; echo hunter3 >&2; exit 3"), "h");
  ASSERT_FALSE(login);
  EXPECT_NE(login.error().find("status 3"), std::string::npos) << login.error();
  EXPECT_EQ(login.error().find("hunter"), std::string::npos);
}

TEST_F(CredentialPrograms, ThatDoNotExistOrHaveNoAbsolutePathAreNotLookedFor) {
  CredentialProgram helper;
  helper.program = path_of("missing");
  EXPECT_NE(ask_credential_program(helper, "h").error().find("No such file"), std::string::npos);
  helper.program = "true";
  EXPECT_NE(ask_credential_program(helper, "h").error().find("absolute"), std::string::npos);
}

TEST_F(CredentialPrograms, ThatDoNotEndAreKilledWithWhatTheyStarted) {
  CredentialProgram helper = script("sleep 600 & echo $! > " + path_of("child") + "; sleep 600");
  helper.time_max = 300ms;
  const auto login = ask_credential_program(helper, "h");
  ASSERT_FALSE(login);
  EXPECT_NE(login.error().find("did not end within 300ms"), std::string::npos) << login.error();
  const int child = std::atoi(read("child").c_str());
  ASSERT_GT(child, 1);
  // Gone, or a zombie that nobody has reaped yet; either way it runs no more.
  EXPECT_TRUE(eventually(5s, [child] {
    std::ifstream file("/proc/" + std::to_string(child) + "/stat");
    std::string number;
    std::string name;
    std::string state;
    file >> number >> name >> state;
    return state.empty() || state == "Z" || state == "X";
  }));
}

TEST_F(CredentialPrograms, ThatEndTheirOutputAndGoOnAreKilledToo) {
  CredentialProgram helper = script("exec >&-; exec sleep 600");
  helper.time_max = 300ms;
  EXPECT_NE(ask_credential_program(helper, "h").error().find("did not end"), std::string::npos);
}

TEST_F(CredentialPrograms, ThatPrintTooMuchAreKilled) {
  const auto login = ask_credential_program(script("exec yes hunter2"), "h");
  ASSERT_FALSE(login);
  EXPECT_NE(login.error().find("printed more than 65536 bytes"), std::string::npos);
}

TEST_F(CredentialPrograms, GetNothingOfOurEnvironmentButWhatIsNamed) {
  ::setenv("SCANCLOCK_TEST_PASSED_ON", "yes", 1);
  ::setenv("SCANCLOCK_TEST_KEPT_BACK", "secret", 1);
  CredentialProgram helper =
      script("env > " + path_of("environment") + "; echo '{\"Username\":\"u\",\"Secret\":\"s\"}'");
  helper.environment = {"SCANCLOCK_TEST_PASSED_ON", "SCANCLOCK_TEST_NOT_SET"};
  ASSERT_TRUE(ask_credential_program(helper, "h"));
  const std::string seen = read("environment");
  EXPECT_NE(seen.find("SCANCLOCK_TEST_PASSED_ON=yes"), std::string::npos) << seen;
  EXPECT_NE(seen.find("PATH=/usr/local/bin:/usr/bin:/bin"), std::string::npos) << seen;
  EXPECT_EQ(seen.find("SCANCLOCK_TEST_KEPT_BACK"), std::string::npos) << seen;
}

TEST_F(CredentialPrograms, InheritNoOpenFile) {
  const CredentialProgram helper = script("ls /proc/self/fd > " + path_of("open") +
                                          "; echo '{\"Username\":\"u\",\"Secret\":\"s\"}'");
  std::ofstream kept(path_of("kept"));
  ASSERT_TRUE(ask_credential_program(helper, "h"));
  // Standard input, output and error, and the folder that ls reads.
  EXPECT_EQ(read("open"), "0\n1\n2\n3\n");
}

TEST(ProgramName, LeadsNowhereElse) {
  EXPECT_TRUE(is_program_name("ecr-login"));
  EXPECT_TRUE(is_program_name("osxkeychain"));
  for (const char* name : {"", "../sh", "a/b", ".hidden", "a b", "a\nb", "$(x)"}) {
    EXPECT_FALSE(is_program_name(name)) << name;
  }
  EXPECT_FALSE(is_program_name(std::string(65, 'a')));
}

}  // namespace
}  // namespace scanclock
