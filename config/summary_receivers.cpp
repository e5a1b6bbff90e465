#include "config/summary_receivers.hpp"

#include "config/url_check.hpp"

#include <algorithm>

namespace scanclock::summary {
namespace {

/// Entries of a map on one line.
class InlineMap {
 public:
  void add(const std::string& key, const std::string& value) {
    text_ += (text_.empty() ? "" : ", ") + key + ": " + value;
  }
  void add_secret(const std::string& key, const Secret& secret) {
    if (!secret.file().empty()) {
      add(key + "_file", scalar(secret.file()));
    } else if (!secret.empty()) {
      add(key, to_string(secret));
    }
  }
  void add_flag(const std::string& key, bool value) {
    if (value) {
      add(key, "true");
    }
  }
  void add_templates(const TemplateSettings& templates) {
    InlineMap inner;
    if (!templates.title.empty()) {
      inner.add("title", scalar(templates.title));
    }
    if (!templates.text.empty()) {
      inner.add("text", scalar(templates.text));
    }
    if (!inner.text_.empty()) {
      add("templates", inner.take());
    }
  }
  std::string take() const { return "{" + text_ + "}"; }

 private:
  std::string text_;
};

void add_signing_secrets(const std::vector<Secret>& secrets, InlineMap& map) {
  if (secrets.size() == 1) {
    map.add_secret("signing_secret", secrets.front());
    return;
  }
  std::vector<std::string> files;
  std::vector<std::string> inline_secrets;
  for (const Secret& secret : secrets) {
    (secret.file().empty() ? inline_secrets : files)
        .push_back(secret.file().empty() ? to_string(secret) : scalar(secret.file()));
  }
  const auto as_it_is = [](const std::string& text) { return text; };
  if (!inline_secrets.empty()) {
    map.add("signing_secrets", list(inline_secrets, as_it_is));
  }
  if (!files.empty()) {
    map.add("signing_secret_files", list(files, as_it_is));
  }
}

std::string webhook_line(const WebhookSettings& webhook) {
  InlineMap map;
  map.add("url", scalar(url_for_people(webhook.url)));
  add_signing_secrets(webhook.signing_secrets, map);
  map.add("format", webhook.format == WebhookFormat::standard ? "standard" : "alertmanager");
  map.add_flag("allow_plaintext", webhook.allow_plaintext);
  return map.take();
}

std::string alertmanager_line(const AlertmanagerSettings& alertmanager) {
  InlineMap map;
  map.add("urls", list(alertmanager.urls,
                       [](const std::string& url) { return scalar(url_for_people(url)); }));
  map.add("resolve_after", format_duration(alertmanager.resolve_after));
  map.add_flag("allow_plaintext", alertmanager.allow_plaintext);
  return map.take();
}

std::string pagerduty_line(const PagerDutySettings& pagerduty) {
  InlineMap map;
  map.add_secret("routing_key", pagerduty.routing_key);
  map.add("url", scalar(pagerduty.url));
  map.add_flag("allow_plaintext", pagerduty.allow_plaintext);
  map.add_templates(pagerduty.templates);
  return map.take();
}

std::string opsgenie_line(const OpsgenieSettings& opsgenie) {
  InlineMap map;
  map.add_secret("api_key", opsgenie.api_key);
  map.add("url", scalar(opsgenie.url));
  map.add_flag("allow_plaintext", opsgenie.allow_plaintext);
  map.add_templates(opsgenie.templates);
  return map.take();
}

std::string chat_line(const ChatSettings& chat) {
  InlineMap map;
  map.add_secret("url", chat.url);
  map.add_flag("allow_plaintext", chat.allow_plaintext);
  map.add_templates(chat.templates);
  return map.take();
}

std::string email_line(const EmailSettings& email) {
  InlineMap map;
  map.add("smarthost", scalar(email.smarthost));
  map.add("from", scalar(email.from));
  map.add("to", texts(email.to));
  if (!email.username.empty()) {
    map.add("username", scalar(email.username));
  }
  map.add_secret("password", email.password);
  map.add("tls", email.implicit_tls ? "implicit" : email.allow_plaintext ? "none" : "starttls");
  // Loopback needs no permission, and it does no harm there.
  map.add_flag("allow_plaintext", email.allow_plaintext);
  if (!email.ca_file.empty()) {
    map.add("ca_file", scalar(email.ca_file));
  }
  map.add_templates(email.templates);
  return map.take();
}

void print_receiver(const ReceiverSettings& receiver, Lines& out) {
  if (receiver.webhook) {
    out.line("webhook", webhook_line(*receiver.webhook));
  }
  if (receiver.alertmanager) {
    out.line("alertmanager", alertmanager_line(*receiver.alertmanager));
  }
  if (receiver.pagerduty) {
    out.line("pagerduty", pagerduty_line(*receiver.pagerduty));
  }
  if (receiver.slack) {
    out.line("slack", chat_line(*receiver.slack));
  }
  if (receiver.teams) {
    out.line("teams", chat_line(*receiver.teams));
  }
  if (receiver.opsgenie) {
    out.line("opsgenie", opsgenie_line(*receiver.opsgenie));
  }
  if (receiver.email) {
    out.line("email", email_line(*receiver.email));
  }
}

}  // namespace

void print_receivers(const std::vector<ReceiverSettings>& receivers, Lines& out) {
  out.section("receivers", receivers.empty());
  for (const ReceiverSettings& receiver : receivers) {
    out.item("name", scalar(receiver.name));
    print_receiver(receiver, out);
    if (receiver.heartbeat_every) {
      out.line("heartbeat_every", format_duration(*receiver.heartbeat_every));
    }
    if (receiver.digest_every) {
      out.line("digest_every", format_duration(*receiver.digest_every));
    }
  }
}

}  // namespace scanclock::summary
