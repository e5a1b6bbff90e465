#include "tests/integration/program/program_test.hpp"

#include <algorithm>

namespace scanclock {
namespace {

using nlohmann::json;

class EvidenceBadDay : public ProgramTest {
 protected:
  void attach(const std::string& name, const std::vector<std::string>& envelopes) {
    push(name);
    pusher(name).attach_attestations(image(name).amd64(), envelopes_of(name, envelopes));
    names.push_back(name);
  }
  /// A test names what it attaches before the image's digest exists.
  std::vector<std::string> envelopes_of(const std::string& name,
                                        const std::vector<std::string>& kinds) const {
    const TimePoint now = now_of_test();
    const Digest& subject = image(name).amd64();
    const std::string repository = host + "/" + name;
    const json report = trivy_report(repository, subject, now - day);
    json licences = report;
    licences["Results"] = json::array({{{"Target", "OS Packages"}, {"Class", "license"}}});
    json timeless = report;
    timeless.erase("CreatedAt");
    const auto at = [](TimePoint time) { return format_rfc3339(time); };
    const Digest other = OciImage("team/somebody-else").amd64();
    const std::map<std::string, std::string> made{
        {"year 1", vulnerability_attestation(subject, "0001-01-01T00:00:00Z", timeless)},
        {"future", vulnerability_attestation(subject, at(now + 30 * day),
                                             trivy_report(repository, subject, now + 30 * day))},
        {"wrong subject", vulnerability_attestation(other, at(now - day),
                                                    trivy_report(repository, other, now - day))},
        {"licences", vulnerability_attestation(subject, at(now - day), licences)},
        {"new", vulnerability_attestation(subject, at(now - day), report)},
        {"old", vulnerability_attestation(subject, at(now - 20 * day),
                                          trivy_report(repository, subject, now - 20 * day))},
        {"old, wrapped today",
         vulnerability_attestation(subject, at(now),
                                   trivy_report(repository, subject, now - 40 * day))},
        {"clean", vulnerability_attestation(subject, at(now - day),
                                            trivy_report(repository, subject, now - day, true))}};
    std::vector<std::string> envelopes;
    for (const std::string& kind : kinds) {
      envelopes.push_back(made.at(kind));
    }
    return envelopes;
  }

  /// Reasons of the refused evidence of an image, and how much was accepted.
  struct Decisions {
    std::set<std::string> reasons;
    int accepted = 0;
  };
  Decisions decisions_of(const DaemonProcess& daemon, const std::string& name) const {
    Decisions decisions;
    const json image = image_of(daemon, name);
    for (const json& evidence : image.at("evidence")) {
      decisions.accepted += evidence.at("accepted").get<bool>() ? 1 : 0;
      for (const json& decision : evidence.at("decisions")) {
        if (!decision.at("accepted").get<bool>()) {
          decisions.reasons.insert(decision.at("reason").get<std::string>());
        }
      }
    }
    return decisions;
  }
  std::string finished_at(const DaemonProcess& daemon, const std::string& name) const {
    const json scan = image_of(daemon, name).at("last_scan");
    return scan.is_null() ? std::string() : scan.at("finished_at").get<std::string>();
  }
  bool all_asked(const DaemonProcess& daemon) const {
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
      const json image = image_of(daemon, name);
      return image.contains("evidence") && !image.at("evidence").empty() &&
             image.at("observation").at("status") == "ok";
    });
  }

  std::vector<std::string> names;
};

TEST_F(EvidenceBadDay, MovesNoClockAndIsShownWithItsReason) {
  attach("bad/year-one", {"year 1"});
  attach("bad/future", {"future"});
  attach("bad/wrong-subject", {"wrong subject"});
  attach("bad/licences", {"licences"});
  push("bad/failed");
  pusher("bad/failed")
      .attach_referrer(image("bad/failed").amd64_descriptor(),
                       sarif_report(now_of_test(), false).dump(), sarif_type);
  names.emplace_back("bad/failed");
  run_workloads(names);
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] { return all_asked(daemon); }));
  const std::map<std::string, std::string> reasons{{"bad/year-one", "no_time"},
                                                   {"bad/future", "future_dated"},
                                                   {"bad/wrong-subject", "wrong_subject"},
                                                   {"bad/licences", "not_a_vulnerability_scan"},
                                                   {"bad/failed", "scan_failed"}};
  for (const auto& [name, reason] : reasons) {
    const Decisions decisions = decisions_of(daemon, name);
    EXPECT_EQ(decisions.reasons, std::set<std::string>{reason}) << name;
    EXPECT_EQ(decisions.accepted, 0) << name;
    EXPECT_EQ(state_of(daemon, name), "never_scanned") << name;
    EXPECT_EQ(finished_at(daemon, name), "") << name;
    EXPECT_TRUE(eventually(soon, [&] { return fires("ScanclockNeverScanned", name); })) << name;
  }
  // Forged or misdated evidence is told of; what is merely no scan is not.
  EXPECT_TRUE(eventually(
      soon, [&] { return receiver.messages("firing", "ScanclockEvidenceRejected").size() == 2; }));
  std::set<std::string> told;
  for (const auto& message : receiver.messages("firing", "ScanclockEvidenceRejected")) {
    told.insert(message.body.at("data").at("annotations").at("reason").get<std::string>());
    EXPECT_EQ(message.text("severity"), "warning");
  }
  EXPECT_EQ(told, (std::set<std::string>{"future_dated", "wrong_subject"}));
}

TEST_F(EvidenceBadDay, TheNewestScanWinsWhateverItsPlaceAndAnOldOneStaysOldHoweverItIsWrapped) {
  attach("good/new-last", {"old", "new"});
  attach("good/new-first", {"new", "old"});
  attach("good/clean", {"clean"});
  attach("good/rewrapped", {"old, wrapped today"});
  run_workloads(names);
  const TimePoint now = now_of_test();
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] {
    return all_asked(daemon) && decisions_of(daemon, "good/new-last").accepted == 2 &&
           decisions_of(daemon, "good/new-first").accepted == 2;
  }));
  const auto age_of = [&](const std::string& name) {
    const auto time = parse_rfc3339(finished_at(daemon, name));
    return time ? std::chrono::duration_cast<std::chrono::hours>(now - *time +
                                                                 std::chrono::minutes(30))
                : std::chrono::hours(-1);
  };
  // What was accepted is shown before the image is judged anew.
  for (const char* name : {"good/new-last", "good/new-first"}) {
    EXPECT_TRUE(eventually(soon, [&] { return age_of(name) == std::chrono::hours(24); })) << name;
  }
  EXPECT_EQ(age_of("good/clean"), std::chrono::hours(24));
  EXPECT_EQ(age_of("good/rewrapped"), 40 * std::chrono::hours(24));
  EXPECT_EQ(state_of(daemon, "good/clean"), "fresh");
  EXPECT_EQ(state_of(daemon, "good/rewrapped"), "overdue");
  EXPECT_TRUE(eventually(soon, [&] { return fires("ScanclockScanOverdue", "good/rewrapped"); }));
}

}  // namespace
}  // namespace scanclock
