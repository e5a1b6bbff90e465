#include "config/receiver_types.hpp"
#include "config/value_check.hpp"

#include <utility>

namespace scanclock {
namespace {

/// The API's host where it is not the usual one.
void read_api_url(MapReader& map, bool allow_plaintext, std::string& url) {
  if (const auto cursor = map.find("url")) {
    UrlRule rule;
    rule.allow_plaintext = allow_plaintext;
    url = read_http_url(*cursor, rule).value_or(url);
  }
}

}  // namespace

void read_pagerduty_receiver(const Cursor& cursor, ReceiverSettings& receiver) {
  MapReader map(cursor);
  PagerDutySettings pagerduty;
  map.boolean("allow_plaintext", pagerduty.allow_plaintext);
  read_receiver_key(map, "routing_key", pagerduty.routing_key);
  read_api_url(map, pagerduty.allow_plaintext, pagerduty.url);
  read_message_templates(map, pagerduty.templates);
  map.finish();
  receiver.pagerduty = std::move(pagerduty);
}

void read_opsgenie_receiver(const Cursor& cursor, ReceiverSettings& receiver) {
  MapReader map(cursor);
  OpsgenieSettings opsgenie;
  map.boolean("allow_plaintext", opsgenie.allow_plaintext);
  read_receiver_key(map, "api_key", opsgenie.api_key);
  read_api_url(map, opsgenie.allow_plaintext, opsgenie.url);
  read_message_templates(map, opsgenie.templates);
  map.finish();
  receiver.opsgenie = std::move(opsgenie);
}

}  // namespace scanclock
