#include "tests/integration/program/program_test.hpp"
#include "tests/support/misbehaving_proxy.hpp"

#include <algorithm>

namespace scanclock {
namespace {

using nlohmann::json;

/// A registry of its own behind a proxy of its own for each kind of bad day, so that all of them
/// happen at the same time and none can hide behind another.
struct BadRegistry {
  std::string name;
  std::set<std::string> reasons;
  /// Empty: connections are refused.
  MisbehavingProxy::Behaviour behaviour;
  std::unique_ptr<MisbehavingProxy> proxy;

  std::string fresh() const { return name + "/fresh"; }
  std::string overdue() const { return name + "/overdue"; }
};

class RegistryBadDay : public ProgramTest {
 protected:
  void add(const std::string& name, std::set<std::string> reasons,
           MisbehavingProxy::Behaviour behaviour) {
    BadRegistry day;
    day.name = name;
    day.reasons = std::move(reasons);
    day.behaviour = std::move(behaviour);
    day.proxy = std::make_unique<MisbehavingProxy>(registry->host());
    for (const std::string& image : {day.fresh(), day.overdue()}) {
      push(image);
      other_hosts[image] = day.proxy->host();
      running.push_back(image);
    }
    attach_scan(day.fresh(), now_of_test() - 2 * scanclock::day);
    attach_scan(day.overdue(), now_of_test() - 40 * scanclock::day);
    parts.registries += "\n  - {name: " + name + ", url: 'http://" + day.proxy->host() +
                        "', repositories: {include: ['" + name +
                        "/*']}, blind_after: 2s, poll: {tags_every: 1s, evidence_every: 1s, "
                        "max_requests_per_second: 100}}";
    days.push_back(std::move(day));
  }

  void add_all() {
    parts.registries.clear();
    add("refused", {"connect"}, nullptr);
    add("reset", {"reset"}, bad_days::reset_every_connection());
    add("unauthorized", {"unauthorized"}, bad_days::answer(401));
    add("forbidden", {"forbidden"}, bad_days::answer(403));
    add("absent", {"not_found", "suspicious_drop"}, bad_days::answer(404));
    add("limited", {"rate_limited", "too_many_requests"}, bad_days::answer(429));
    add("broken", {"server_error", "http_500"}, bad_days::answer(500));
    add("portal", {"bad_content"}, bad_days::html_with_200());
    add("no-catalog", {"suspicious_drop"}, bad_days::empty_catalog());
    add("no-tags", {"suspicious_drop"}, bad_days::empty_tag_list());
    add("forged", {"digest_mismatch", "bad_content"}, bad_days::wrong_digest());
    add("truncated", {"reset", "malformed"}, bad_days::truncated_body(registry->host()));
    add("bomb", {"body_too_large", "too_large"}, bad_days::gzip_bomb());
    add("deep", {"bad_content"}, bad_days::deep_json());
    add("large", {"body_too_large", "too_large"}, bad_days::too_large());
    add("endless", {"bad_content", "too_large", "too_many_pages"}, bad_days::endless_pages());
    // The last, because a stalled request is given up after 30 seconds only.
    add("stalled", {"timeout"}, bad_days::never_answer());
    parts.registries.erase(0, parts.registries.find('-'));
    run_workloads(running);
  }

  bool all_known(const DaemonProcess& daemon) const {
    return std::all_of(days.begin(), days.end(), [&](const BadRegistry& one) {
      return state_of(daemon, one.fresh()) == "fresh" &&
             state_of(daemon, one.overdue()) == "overdue" &&
             source_of(daemon, one.name).at("status") == "ok" &&
             fires("ScanclockScanOverdue", one.overdue());
    });
  }

  /// What must not move on a bad day.
  json firm(const DaemonProcess& daemon, const std::string& name) const {
    const json image = image_of(daemon, name);
    json facts;
    for (const char* key : {"state", "deadline_at", "running", "last_scan", "locations"}) {
      facts[key] = image.value(key, json());
    }
    return facts;
  }

  std::map<std::string, json> all_firm(const DaemonProcess& daemon) const {
    std::map<std::string, json> facts;
    for (const std::string& name : running) {
      facts[name] = firm(daemon, name);
    }
    return facts;
  }

  bool is_told(const BadRegistry& one) const {
    const auto messages = receiver.messages("firing", "ScanclockSourceBlind");
    return std::any_of(messages.begin(), messages.end(), [&](const auto& message) {
      return message.body.at("data").at("labels").value("source", "") == one.name;
    });
  }

  /// The forged day's image is left out: its new scan counts as soon as that day is over.
  std::size_t scan_messages() const {
    const auto messages = receiver.messages();
    return static_cast<std::size_t>(
        std::count_if(messages.begin(), messages.end(), [&](const auto& message) {
          const json& about = message.body.at("data").at("image");
          return message.text("rule") != "ScanclockSourceBlind" &&
                 !(about.is_object() && about.at("digest") == digest("forged/overdue"));
        }));
  }

  /// The sources whose blindness was told to be over.
  std::set<std::string> names_of_resolved() const {
    std::set<std::string> names;
    for (const auto& message : receiver.messages("resolved", "ScanclockSourceBlind")) {
      names.insert(message.body.at("data").at("labels").value("source", ""));
    }
    return names;
  }

  std::vector<BadRegistry> days;
  std::vector<std::string> running;
};

TEST_F(RegistryBadDay, MovesNoStateRemovesNothingAndMakesTheSourceBlindUntilItAnswers) {
  add_all();
  DaemonProcess& daemon = start_daemon();
  ASSERT_TRUE(eventually(2 * soon, [&] { return all_known(daemon); }));
  const auto before = all_firm(daemon);
  const std::size_t told_before = scan_messages();

  for (BadRegistry& one : days) {
    if (one.behaviour) {
      one.proxy->behave_badly(one.behaviour);
    } else {
      one.proxy->refuse();
    }
  }
  // Only new content shows that the digest is checked: what is known is never fetched again.
  attach_scan("forged/overdue", now_of_test());

  for (BadRegistry& one : days) {
    json source;
    EXPECT_TRUE(eventually(3 * soon, [&] {
      source = source_of(daemon, one.name);
      return source.at("status") == "blind" && is_told(one);
    })) << source;
    EXPECT_TRUE(one.reasons.contains(source.at("reason"))) << source;
    for (const std::string& name : {one.fresh(), one.overdue()}) {
      EXPECT_EQ(firm(daemon, name), before.at(name)) << name;
    }
    // Well again before its next question is put off for minutes.
    one.proxy->behave_well();
  }
  EXPECT_EQ(scan_messages() - told_before, 0u)
      << "an outage neither fires nor resolves a scan alert";
  EXPECT_TRUE(daemon.process().running());
  EXPECT_EQ(daemon.get("/-/ready").status, 200);
  for (const BadRegistry& one : days) {
    EXPECT_TRUE(eventually(3 * soon, [&] {
      return source_of(daemon, one.name).at("status") == "ok";
    })) << source_of(daemon, one.name);
  }
  EXPECT_TRUE(eventually(soon, [&] { return state_of(daemon, "forged/overdue") == "fresh"; }));
  EXPECT_TRUE(eventually(soon, [&] { return names_of_resolved().size() == days.size(); }));
}

}  // namespace
}  // namespace scanclock
