#include "config/receiver_types.hpp"
#include "config/value_check.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

/// One to replace, one that replaces it, and one to spare.
constexpr std::size_t signing_secrets_max = 3;

void add_signing_secret(const Cursor& cursor, Secret secret, WebhookSettings& webhook) {
  if (secret.empty()) {
    return;
  }
  if (!is_signing_secret(secret.reveal())) {
    // Found at the first message it would be an alert that nobody gets.
    cursor.fail("the signing secret is not whsec_ and the base64 form of 24 to 64 bytes",
                "make one with: echo whsec_$(openssl rand -base64 32)");
    return;
  }
  const auto& known = webhook.signing_secrets;
  if (std::any_of(known.begin(), known.end(),
                  [&](const Secret& other) { return other.reveal() == secret.reveal(); })) {
    cursor.fail("the signing secret stands in the settings twice");
    return;
  }
  webhook.signing_secrets.push_back(std::move(secret));
}

/// `signing_secrets` and `signing_secret_files`: the one in use and the one that replaces it.
void read_signing_secret_lists(MapReader& map, WebhookSettings& webhook) {
  const std::optional<Cursor> inline_secrets = map.find("signing_secrets");
  const std::optional<Cursor> files = map.find("signing_secret_files");
  if (inline_secrets) {
    for (const Cursor& item : inline_secrets->text_items()) {
      add_signing_secret(item, Secret(*item.text()), webhook);
    }
  }
  if (files) {
    for (const Cursor& item : files->text_items()) {
      Result<Secret, SecretFileError> secret =
          read_secret(locate_file(*item.text(), map.cursor().context().base_dir));
      if (secret.has_value()) {
        add_signing_secret(item, std::move(*secret), webhook);
      } else {
        item.fail(secret.error().message,
                  "a relative name is looked for in $CREDENTIALS_DIRECTORY, then beside the "
                  "settings file");
      }
    }
  }
  if (webhook.signing_secrets.size() > signing_secrets_max) {
    map.cursor().fail("there are more than three signing secrets",
                      "keep the one that receivers have and the one that replaces it");
  }
}

}  // namespace

void read_webhook_receiver(const Cursor& cursor, ReceiverSettings& receiver) {
  MapReader map(cursor);
  WebhookSettings webhook;
  map.boolean("allow_plaintext", webhook.allow_plaintext);
  if (const auto url = map.require("url")) {
    UrlRule rule;
    rule.path_allowed = true;
    rule.allow_plaintext = webhook.allow_plaintext;
    webhook.url = read_http_url(*url, rule).value_or("");
  }
  Secret signing_secret;
  read_secret_setting(map, "signing_secret", signing_secret);
  add_signing_secret(cursor, std::move(signing_secret), webhook);
  read_signing_secret_lists(map, webhook);
  if (const auto format = map.find("format")) {
    if (const auto word = format->word({"standard", "alertmanager"})) {
      webhook.format = *word == 0 ? WebhookFormat::standard : WebhookFormat::alertmanager;
    }
  }
  map.finish();
  receiver.webhook = std::move(webhook);
}

void read_alertmanager_receiver(const Cursor& cursor, ReceiverSettings& receiver) {
  MapReader map(cursor);
  AlertmanagerSettings alertmanager;
  map.boolean("allow_plaintext", alertmanager.allow_plaintext);
  if (const auto urls = map.require("urls")) {
    UrlRule rule;
    rule.path_allowed = true;
    rule.allow_plaintext = alertmanager.allow_plaintext;
    const std::vector<Cursor> items = urls->items();
    for (const Cursor& item : items) {
      std::optional<std::string> url = read_http_url(item, rule);
      auto& known = alertmanager.urls;
      if (url && std::find(known.begin(), known.end(), *url) != known.end()) {
        item.fail("stands in the list twice");
      } else if (url) {
        known.push_back(std::move(*url));
      }
    }
    if (urls->node().kind == YamlNode::Kind::sequence && items.empty()) {
      urls->fail("must name at least one Alertmanager");
    }
  }
  // Alerts are told every minute, so a shorter time would resolve them between two tellings.
  map.duration("resolve_after", alertmanager.resolve_after, std::chrono::minutes(3));
  map.finish();
  receiver.alertmanager = std::move(alertmanager);
}

}  // namespace scanclock
