#include "config/receiver_types.hpp"
#include "config/url_check.hpp"
#include "config/value_check.hpp"

#include <utility>

namespace scanclock {
namespace {

/// The URL is the credential: no message repeats it.
void check_webhook_url(const Cursor& cursor, ChatSettings& chat) {
  if (chat.url.empty()) {
    return;
  }
  const std::optional<UrlParts> url = split_url(chat.url.reveal());
  const bool is_url =
      url && url->scheme != "unix" && !url->has_user && !url->has_fragment && url->path.size() > 1;
  if (!is_url) {
    cursor.fail("the url is not an https URL with a path", "copy the webhook's whole URL");
    chat.url = Secret();
    return;
  }
  check_plaintext(cursor, url->scheme, url->host, chat.allow_plaintext);
}

ChatSettings read_chat(const Cursor& cursor) {
  MapReader map(cursor);
  ChatSettings chat;
  map.boolean("allow_plaintext", chat.allow_plaintext);
  read_receiver_key(map, "url", chat.url);
  check_webhook_url(cursor, chat);
  read_message_templates(map, chat.templates);
  map.finish();
  return chat;
}

}  // namespace

void read_slack_receiver(const Cursor& cursor, ReceiverSettings& receiver) {
  receiver.slack = read_chat(cursor);
}

void read_teams_receiver(const Cursor& cursor, ReceiverSettings& receiver) {
  receiver.teams = read_chat(cursor);
}

}  // namespace scanclock
