#include "tests/integration/program/program_test.hpp"
#include "tests/support/signed_statements.hpp"

#include <algorithm>

namespace scanclock {
namespace {

using nlohmann::json;

/// Attestations as cosign attaches them, signed by `openssl`.
class SignedEvidence : public ProgramTest {
 protected:
  void SetUp() override {
    ProgramTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) {
      return;
    }
    ci = std::make_unique<OpensslKey>(folder, "ci");
    stranger = std::make_unique<OpensslKey>(folder, "stranger");
  }

  json statement_of(const std::string& name, TimePoint finished_at) const {
    const Digest& subject = image(name).amd64();
    return vulnerability_statement({subject}, format_rfc3339(finished_at),
                                   trivy_report(host + "/" + name, subject, finished_at));
  }
  void attach(const std::string& name, const std::string& envelope) const {
    pusher(name).attach_attestations(image(name).amd64(), {envelope});
  }
  /// Without what only names the image and lies beside another one.
  json evidence_of(const DaemonProcess& daemon, const std::string& name) const {
    json own = json::array();
    const json shown = image_of(daemon, name);
    for (const json& item : shown.value("evidence", json::array())) {
      if (item.at("attached_to").is_null() || item.at("attached_to") == digest(name)) {
        own.push_back(item);
      }
    }
    return own;
  }
  bool is_judged(const DaemonProcess& daemon, const std::string& name) const {
    return !evidence_of(daemon, name).empty();
  }
  std::string reason_of(const DaemonProcess& daemon, const std::string& name) const {
    const json reason = evidence_of(daemon, name).at(0).at("decisions").at(0).at("reason");
    return reason.is_null() ? "none" : reason.get<std::string>();
  }
  void reload(DaemonProcess& daemon) {
    write_settings();
    const HttpAnswer answer = daemon.post("/-/reload", "", admin_token);
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  std::string decision_rows() const {
    return sql("SELECT count(*) FROM scanclock.evidence_decisions");
  }

  std::unique_ptr<OpensslKey> ci;
  std::unique_ptr<OpensslKey> stranger;
};

TEST_F(SignedEvidence, MovesTheClockOfItsImageAndForgeriesDoNot) {
  for (const char* name : {"pay/good", "pay/forged", "pay/replayed", "pay/bare", "shop/bare"}) {
    push(name);
  }
  const TimePoint now = now_of_test();
  attach("pay/good", signed_envelope(*ci, statement_of("pay/good", now)));
  attach("pay/forged", signed_envelope(*stranger, statement_of("pay/forged", now)));
  attach("pay/replayed", signed_envelope(*ci, statement_of("pay/good", now)));
  attach("pay/bare", attestation("pay/bare", now));
  attach("shop/bare", attestation("shop/bare", now));
  parts.policies = "- name: rule\n    trust_rules: [{repositories: ['pay/**'], trust: [signed]}]";
  parts.keys = "- {name: ci, public_key_file: ci.pub, repositories: ['pay/**']}";
  DaemonProcess& daemon = start_daemon();
  const std::map<std::string, std::string> reasons{{"pay/good", "none"},
                                                   {"pay/forged", "bad_signature"},
                                                   {"pay/replayed", "wrong_subject"},
                                                   {"pay/bare", "untrusted"},
                                                   {"shop/bare", "none"}};
  for (const auto& [name, reason] : reasons) {
    ASSERT_TRUE(eventually(soon, [&] { return is_judged(daemon, name); })) << name;
    EXPECT_EQ(reason_of(daemon, name), reason) << name;
    const std::string state = reason == "none" ? "fresh" : "never_scanned";
    EXPECT_TRUE(eventually(soon, [&] { return state_of(daemon, name) == state; })) << name;
  }
  const json good = evidence_of(daemon, "pay/good").at(0);
  EXPECT_EQ(good.at("trust"), "signed");
  EXPECT_EQ(good.at("signature").at("state"), "verified");
  EXPECT_EQ(good.at("signature").at("detail"), label_of(ci->settings()));
  EXPECT_EQ(evidence_of(daemon, "pay/forged").at(0).at("signature").at("state"), "failed");
  EXPECT_EQ(evidence_of(daemon, "pay/bare").at(0).at("signature").at("state"), "none");
  EXPECT_TRUE(eventually(
      soon, [&] { return receiver.messages("firing", "ScanclockEvidenceRejected").size() == 2; }));
  std::set<std::string> told;
  for (const auto& message : receiver.messages("firing", "ScanclockEvidenceRejected")) {
    told.insert(message.body.at("data").at("annotations").at("reason").get<std::string>());
  }
  EXPECT_EQ(told, (std::set<std::string>{"bad_signature", "wrong_subject"}));
}

TEST_F(SignedEvidence, IsCheckedAgainWhenKeysComeAndGo) {
  push("pay/app");
  push("pay/handed-in");
  const TimePoint now = now_of_test();
  attach("pay/app", signed_envelope(*ci, statement_of("pay/app", now)));
  parts.policies = "- {name: rule, trust: [signed]}";
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] { return is_judged(daemon, "pay/app"); }));
  EXPECT_EQ(evidence_of(daemon, "pay/app").at(0).at("signature").at("state"), "no_key");
  const std::string body = signed_envelope(*ci, statement_of("pay/handed-in", now));
  ASSERT_EQ(daemon.post("/api/v1/scans", body, submit_token).status, 422);
  EXPECT_EQ(state_of(daemon, "pay/app"), "never_scanned");
  EXPECT_EQ(state_of(daemon, "pay/handed-in"), "never_scanned");

  parts.keys = "- {name: ci, public_key_file: ci.pub, repositories: ['pay/**']}";
  reload(daemon);
  for (const char* name : {"pay/app", "pay/handed-in"}) {
    EXPECT_TRUE(eventually(soon, [&] { return state_of(daemon, name) == "fresh"; })) << name;
    EXPECT_EQ(image_of(daemon, name).at("last_scan").at("trust"), "signed") << name;
    EXPECT_EQ(evidence_of(daemon, name).size(), 2u) << "the earlier record stays";
  }

  const std::string rows = decision_rows();
  parts.keys.clear();
  reload(daemon);
  for (const char* name : {"pay/app", "pay/handed-in"}) {
    EXPECT_TRUE(eventually(soon, [&] { return state_of(daemon, name) == "never_scanned"; }))
        << name;
  }
  EXPECT_TRUE(eventually(soon, [&] { return decision_rows() != rows; }));
  EXPECT_EQ(std::stoi(decision_rows()), std::stoi(rows) + 2) << "one new row an item";

  parts.keys = "- {name: ci-2, public_key_file: ci.pub, repositories: ['pay/**']}";
  reload(daemon);
  EXPECT_TRUE(eventually(soon, [&] { return state_of(daemon, "pay/app") == "fresh"; }));
  EXPECT_EQ(daemon.terminate(), 0);
  daemon.start();
  daemon.wait_until_up();
  EXPECT_EQ(state_of(daemon, "pay/app"), "fresh");
  EXPECT_EQ(evidence_of(daemon, "pay/app").size(), 2u) << "a restart checks nothing twice";
}

TEST_F(SignedEvidence, IsDecidedAnewUnderAChangedRule) {
  push("pay/app");
  attach("pay/app", attestation("pay/app", now_of_test()));
  parts.policies = "- {name: rule}";
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] { return state_of(daemon, "pay/app") == "fresh"; }));
  parts.policies =
      "- {name: rule, trust_rules: [{repositories: ['pay/**'], trust: [signed, pushed]}]}";
  reload(daemon);
  EXPECT_TRUE(eventually(soon, [&] { return state_of(daemon, "pay/app") == "never_scanned"; }));
  EXPECT_TRUE(eventually(soon, [&] { return decision_rows() == "2\n"; })) << decision_rows();
  const json versions = image_of(daemon, "pay/app").at("policies").at(0).at("version");
  EXPECT_EQ(versions, 2);
}

TEST_F(SignedEvidence, IsTakenFromTheHandAsFromTheRegistry) {
  push("pay/app");
  parts.policies = "- {name: rule, trust: [signed]}";
  parts.keys = "- {name: ci, public_key_file: ci.pub, repositories: ['pay/**']}";
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(soon, [&] { return state_of(daemon, "pay/app") == "never_scanned"; }));
  const TimePoint now = now_of_test();
  const std::string query = "?image=" + host + "/pay/app@" + digest("pay/app");
  const json statement = statement_of("pay/app", now);
  const HttpAnswer forged =
      daemon.post("/api/v1/scans" + query, signed_envelope(*stranger, statement), submit_token);
  EXPECT_EQ(forged.status, 422);
  EXPECT_EQ(forged.json().at("reason"), "bad_signature") << forged.body;
  const HttpAnswer bare = daemon.post("/api/v1/scans", report("pay/app", now), submit_token);
  EXPECT_EQ(bare.status, 422);
  // A time that the caller states is not what was signed.
  const std::string stated = query + "&finished_at=" + format_rfc3339(now - day);
  EXPECT_EQ(
      daemon.post("/api/v1/scans" + stated, signed_envelope(*ci, statement), submit_token).status,
      422);
  EXPECT_EQ(state_of(daemon, "pay/app"), "never_scanned");
  const HttpAnswer good =
      daemon.post("/api/v1/scans" + query, signed_envelope(*ci, statement), submit_token);
  ASSERT_EQ(good.status, 201) << good.body;
  EXPECT_EQ(good.json().at("scans").at(0).at("trust"), "signed");
  EXPECT_EQ(state_of(daemon, "pay/app"), "fresh");
}

}  // namespace
}  // namespace scanclock
