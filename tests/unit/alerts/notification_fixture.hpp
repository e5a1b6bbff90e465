#pragma once

#include "alerts/message.hpp"
#include "tests/unit/alerts/rules_fixture.hpp"

#include <string>
#include <vector>

namespace scanclock::alerts {

/// Image `a` is a day overdue in production and runs once.
class OverdueNotification : public testing::Test {
 protected:
  OverdueNotification() {
    episode.world.add_image('a');
    episode.world.scan('a', episode.world.now - days(31));
    episode.world.run("a");
    episode.evaluate();
    transition.kind = AlertEventKind::firing;
    transition.alert = *episode.find(rule_scan_overdue, 'a');
  }

  MessageInput input() const {
    return {episode.world.inventory, episode.options.external_url, episode.world.now};
  }

  Notification one() const {
    Notification notification;
    notification.key = transition.alert.id;
    notification.message_id = "msg_1";
    notification.receiver = "oncall";
    notification.kind = *transition.kind;
    notification.severity = transition.alert.severity;
    notification.firing = transition.alert.firing ? 1 : 0;
    notification.resolved = transition.alert.firing ? 0 : 1;
    notification.alerts.push_back(transition);
    return notification;
  }

  void resolve(const std::string& reason) {
    transition.kind = AlertEventKind::resolved;
    transition.alert.firing = false;
    transition.alert.resolved_reason = reason;
    transition.alert.ended_at = episode.world.now;
  }

  /// `count` alerts that fire, all about image a, with summaries of their own.
  Notification group(std::size_t count, std::size_t left_out = 0) const {
    Notification notification = one();
    notification.key = "grp_0123456789abcdef";
    notification.grouped = true;
    notification.group_labels["owner"] = "payments";
    notification.alerts.clear();
    for (std::size_t i = 0; i < count; ++i) {
      Transition member = transition;
      member.alert.id = "alert-" + std::to_string(i);
      member.alert.annotations["summary"] = "image " + std::to_string(i) + " is overdue";
      notification.alerts.push_back(std::move(member));
    }
    notification.firing = count + left_out;
    notification.truncated = left_out;
    return notification;
  }

  /// Ten thousand containers in as many workloads with long names.
  void run_everywhere() {
    std::vector<ContainerObservation> containers;
    for (int i = 0; i < 10'000; ++i) {
      ContainerObservation container = episode.world.container('a', "c-" + std::to_string(i));
      container.workload = "deployment/" + std::string(200, 'w') + std::to_string(i);
      containers.push_back(std::move(container));
    }
    episode.world.observe("host-a", std::move(containers));
    episode.world.reevaluate();
  }

  /// What people with push rights, or clusters, may write into labels and tags.
  void say_hostile_things() {
    transition.alert.annotations["summary"] =
        "a\r\nBcc: all@shop.example\n<!channel> [x](http://evil.example) \xff\x80 \xe2\x80\xae"
        "gnp.exe {{owner}} \"quoted\\\" \x01 =?UTF-8?B?aGk=?=";
    transition.alert.owner = std::string(100'000, 'o') + "\xe2\x82";
    transition.alert.annotations["contact"] = std::string("nul\0byte", 8);
  }

  Episode episode;
  Transition transition;
};

}  // namespace scanclock::alerts
