#include "tests/integration/program/program_test.hpp"
#include "tests/support/docker_engine.hpp"

#include <cstdlib>

namespace scanclock {
namespace {

using nlohmann::json;

/// `scanclock report docker` on a host whose engine the daemon does not reach.
class HostReport : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) {
      return;
    }
    std::string why_not;
    engine_ = DockerEngine::start(why_not);
    SKIP_OR_FAIL_WITHOUT_DOCKER(engine_, why_not);
    write_file(folder.path() / "report-token", submit_token);
    const std::string repository = registry->host() + "/team/sleeper";
    image_id_ = engine_->import_busybox(repository, "1.0");
    engine_->push(repository, "1.0");
    digest_ = engine_->repository_digest(repository + ":1.0");
    image_ = repository + ":1.0";
  }

  CommandResult report(const DaemonProcess& daemon, std::vector<std::string> options) const {
    std::vector<std::string> arguments{"report",       "docker",
                                       "--socket",     engine_->socket_path(),
                                       "--token-file", (folder.path() / "report-token").string()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return client(daemon, std::move(arguments));
  }

  std::unique_ptr<DockerEngine> engine_;
  std::string image_id_;
  std::string digest_;
  std::string image_;
};

TEST_F(HostReport, IsPrintedPutIntoAFileAndSubmitted) {
  DaemonProcess& daemon = start_daemon();
  const std::string id = engine_->run_sleeping("sleeper", image_);
  const CommandResult printed = report(daemon, {});
  ASSERT_EQ(printed.exit_code, 0) << printed.output;
  const json document = json::parse(printed.output);
  EXPECT_TRUE(document.at("complete").get<bool>());
  EXPECT_FALSE(document.at("source").get<std::string>().empty()) << "the engine's host name";
  ASSERT_EQ(document.at("containers").size(), 1u);
  EXPECT_EQ(document.at("containers")[0].at("id"), id);
  EXPECT_EQ(document.at("containers")[0].at("image"), image_);

  const std::filesystem::path file = folder.path() / "host-c.json";
  const CommandResult written = report(daemon, {"--source", "host-c", "--output", file.string()});
  EXPECT_EQ(written.exit_code, 0) << written.output;
  EXPECT_EQ(json::parse(read_text(file)).at("source"), "host-c");
  EXPECT_EQ(json::parse(read_text(file)).at("containers"), document.at("containers"));

  const CommandResult submitted = report(daemon, {"--source", "host-c", "--submit"});
  EXPECT_EQ(submitted.exit_code, 0) << submitted.output;
  EXPECT_EQ(submitted.output, "host-c: 1 containers submitted\n");
  json container;
  EXPECT_TRUE(eventually(soon, [&] {
    const json found = list_of(daemon, "/api/v1/containers?source=host-c", "containers");
    container = found.empty() ? json() : found[0];
    return !found.empty() && container.at("resolved_digest") == digest_;
  })) << container;
  EXPECT_EQ(container.at("container_id"), id);
  EXPECT_EQ(container.at("verdict"), "never_scanned");
}

TEST_F(HostReport, SaysNothingWhenTheEngineDoesNot) {
  DaemonProcess& daemon = start_daemon();
  const CommandResult away = client(
      daemon, {"report", "docker", "--socket", (folder.path() / "no.sock").string(), "--submit",
               "--source", "host-c", "--token-file", (folder.path() / "report-token").string()});
  EXPECT_EQ(away.exit_code, 69) << away.output;
  EXPECT_TRUE(list_of(daemon, "/api/v1/containers?source=host-c", "containers").empty());
  EXPECT_EQ(report(daemon, {"--source", "hosts", "--submit"}).exit_code, 1)
      << "a source that the daemon polls by itself";
}

}  // namespace
}  // namespace scanclock
