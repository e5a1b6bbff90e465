#pragma once

#include "tests/support/daemon_process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/oci_image.hpp"
#include "tests/support/registry_server.hpp"
#include "tests/support/scan_documents.hpp"
#include "tests/support/webhook_receiver.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace scanclock {

inline constexpr Duration soon = std::chrono::seconds(20);
inline constexpr Duration day = std::chrono::hours(24);
inline constexpr const char* submit_token = "submit-token-of-the-program-tests";
inline constexpr const char* admin_token = "admin-token-of-the-program-tests";

/// The parts of a settings file; a test replaces what it is about.
struct SettingsParts {
  std::string database;
  /// Lines of `server:` besides the address and the tokens.
  std::string server;
  std::string policies;
  std::string registries;
  std::string workloads;
  std::string spool;
  std::string keys;
  std::string receivers;
};

/// Tests of the whole program: real registry, PostgreSQL, receiver and daemon in a world of its
/// own for each test. Skips with the reason where a server's package is missing, fails under
/// CI=true.
class ProgramTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// Writes settings.yaml from `parts`.
  void write_settings();
  /// Starts a daemon with the settings as they are now and waits until it is ready.
  DaemonProcess& start_daemon(const std::string& name = "scanclockd");
  std::filesystem::path settings_path() const { return folder.path() / "settings.yaml"; }
  std::filesystem::path workloads_path() const { return folder.path() / "workloads.json"; }

  /// Pushes an image with `name` as its repository and content, tag 1.0.
  const OciImage& push(const std::string& name);
  /// The same, through `skopeo copy --all` and an OCI layout.
  const OciImage& push_with_skopeo(const std::string& name);
  const OciImage& image(const std::string& name) const { return *images_.at(name); }
  std::string digest(const std::string& name) const { return image(name).amd64().str(); }
  /// As people write it: the host that the daemon polls, the repository and the tag.
  std::string reference(const std::string& name) const {
    return host_of(name) + "/" + name + ":1.0";
  }
  /// Where the daemon finds the image: `host`, or a proxy of its own.
  std::string host_of(const std::string& name) const;

  std::string attestation(const std::string& name, TimePoint finished_at) const;
  /// Attaches one attestation, instead of what was attached before.
  void attach_scan(const std::string& name, TimePoint finished_at) const;
  /// A report as a scanner prints it, for POST.
  std::string report(const std::string& name, TimePoint finished_at) const;
  EvidencePusher pusher(const std::string& name) const;

  /// A complete workload document in which these run.
  std::string workload_document(const std::vector<std::string>& names,
                                const std::string& source = "hosts") const;
  void run_workloads(const std::vector<std::string>& names) const;

  /// The list under `key` of an answer.
  static nlohmann::json list_of(const DaemonProcess& daemon, const std::string& path,
                                const char* key);
  nlohmann::json image_of(const DaemonProcess& daemon, const std::string& name) const;
  /// Empty while the image is not known.
  std::string state_of(const DaemonProcess& daemon, const std::string& name) const;
  nlohmann::json source_of(const DaemonProcess& daemon, const std::string& source) const;
  bool fires(const std::string& rule, const std::string& name) const;
  /// Ids of the firing alerts of the API, by rule and subject.
  std::map<std::string, std::string> firing_alerts(const DaemonProcess& daemon) const;

  /// Runs a statement in the daemon's database and returns what psql prints.
  std::string sql(const std::string& statement) const;

  CommandResult client(const DaemonProcess& daemon, std::vector<std::string> arguments) const;

  TemporaryFolder folder;
  std::unique_ptr<RegistryServer> registry;
  std::string host;
  /// Hosts of images that stand elsewhere than at `host`.
  std::map<std::string, std::string> other_hosts;
  std::string database;
  WebhookReceiver receiver;
  SettingsParts parts;

 private:
  std::map<std::string, std::unique_ptr<OciImage>> images_;
  std::vector<std::unique_ptr<DaemonProcess>> daemons_;
};

/// Skips the test, or fails it under CI=true.
#define SCANCLOCK_NEEDS(package, program)                              \
  do {                                                                 \
    const std::string missing = missing_program((package), (program)); \
    if (!missing.empty()) {                                            \
      if (skipping_is_failing()) {                                     \
        FAIL() << missing;                                             \
      }                                                                \
      GTEST_SKIP() << missing;                                         \
    }                                                                  \
  } while (false)

bool skipping_is_failing();
TimePoint now_of_test();

}  // namespace scanclock
