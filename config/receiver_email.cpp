#include "config/receiver_types.hpp"
#include "config/url_check.hpp"
#include "config/value_check.hpp"
#include "core/domain/mail_address.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

enum class SmtpTls { starttls, implicit, none };

constexpr std::size_t email_recipients_max = 50;

/// RFC 6409, RFC 8314, RFC 5321.
const char* usual_port(SmtpTls tls) {
  switch (tls) {
    case SmtpTls::starttls:
      return "587";
    case SmtpTls::implicit:
      return "465";
    case SmtpTls::none:
      break;
  }
  return "25";
}

/// `host:port` and the host; nothing for what is none.
struct Smarthost {
  std::string address;
  std::string host;
};

std::optional<Smarthost> parse_smarthost(const std::string& text, SmtpTls tls) {
  const auto url = split_url("http://" + text);
  const bool is_host = url && !url->has_user && !url->has_query && !url->has_fragment &&
                       url->path.size() <= 1 && !text.ends_with('/');
  if (!is_host) {
    return std::nullopt;
  }
  const std::size_t colon = text.rfind(':');
  const bool has_port = colon != std::string::npos && text.find(']', colon) == std::string::npos;
  Smarthost smarthost;
  smarthost.address = has_port ? text : text + ":" + usual_port(tls);
  smarthost.host = url->host;
  return smarthost;
}

std::optional<std::string> read_address(const Cursor& cursor) {
  std::optional<std::string> value = cursor.text();
  if (value && !parse_mail_address(*value)) {
    cursor.fail("\"" + *value + "\" is not a mail address",
                "write name@host.example or Name <name@host.example>");
    return std::nullopt;
  }
  return value;
}

void read_recipients(MapReader& map, EmailSettings& email) {
  const std::optional<Cursor> to = map.require("to");
  if (!to) {
    return;
  }
  const std::vector<Cursor> items = to->items();
  for (const Cursor& item : items) {
    if (auto address = read_address(item)) {
      email.to.push_back(std::move(*address));
    }
  }
  if (to->node().kind == YamlNode::Kind::sequence &&
      (items.empty() || items.size() > email_recipients_max)) {
    to->fail(items.empty() ? "must name at least one recipient" : "names more than 50 recipients",
             items.empty() ? "" : "make a list on the mail server");
  }
}

SmtpTls read_smtp_tls(MapReader& map) {
  SmtpTls tls = SmtpTls::starttls;
  if (const auto cursor = map.find("tls")) {
    if (const auto word = cursor->word({"starttls", "implicit", "none"})) {
      tls = static_cast<SmtpTls>(*word);
    }
  }
  return tls;
}

void read_smarthost(MapReader& map, SmtpTls tls, bool allow_plaintext, EmailSettings& email) {
  const std::optional<Cursor> cursor = map.require("smarthost");
  const std::optional<std::string> value = cursor ? cursor->text() : std::nullopt;
  if (!value) {
    return;
  }
  const auto smarthost = parse_smarthost(*value, tls);
  if (!smarthost) {
    const bool may_show = value->find('@') == std::string::npos;
    cursor->fail(
        (may_show ? "\"" + *value + "\" is" : std::string("is")) + " not host or host:port",
        "write mail.shop.example:587; user and password have settings of their own");
    return;
  }
  email.smarthost = smarthost->address;
  if (tls == SmtpTls::none && !allow_plaintext && !is_loopback_host(smarthost->host)) {
    cursor->fail("mail without TLS to \"" + smarthost->host + "\" is refused",
                 "use tls: starttls, or set allow_plaintext: true beside it");
  }
}

void read_mail_login(MapReader& map, EmailSettings& email) {
  map.text("username", email.username);
  const bool has_password = read_secret_setting(map, "password", email.password);
  if (map.has("username") != has_password) {
    map.cursor().fail("username and password come together",
                      "leave both out for a server that asks for none");
  }
  const std::string& name = email.username;
  if (std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < ' '; })) {
    map.cursor().fail("the username holds control characters");
  }
}

}  // namespace

void read_email_receiver(const Cursor& cursor, ReceiverSettings& receiver) {
  MapReader map(cursor);
  EmailSettings email;
  bool allow_plaintext = false;
  map.boolean("allow_plaintext", allow_plaintext);
  const SmtpTls tls = read_smtp_tls(map);
  email.implicit_tls = tls == SmtpTls::implicit;
  email.allow_plaintext = tls == SmtpTls::none;
  read_smarthost(map, tls, allow_plaintext, email);
  if (const auto from = map.require("from")) {
    email.from = read_address(*from).value_or("");
  }
  read_recipients(map, email);
  read_mail_login(map, email);
  read_file_setting(map, "ca_file", email.ca_file);
  if (!email.ca_file.empty() && tls == SmtpTls::none) {
    cursor.fail("ca_file has no use without TLS");
  }
  read_message_templates(map, email.templates);
  map.finish();
  receiver.email = std::move(email);
}

}  // namespace scanclock
