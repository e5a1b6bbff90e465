#pragma once

#include "config/map_reader.hpp"
#include "config/settings.hpp"

/// One reader a kind of receiver: takes the map below the kind's key.
namespace scanclock {

void read_webhook_receiver(const Cursor& cursor, ReceiverSettings& receiver);
void read_alertmanager_receiver(const Cursor& cursor, ReceiverSettings& receiver);
void read_pagerduty_receiver(const Cursor& cursor, ReceiverSettings& receiver);
void read_slack_receiver(const Cursor& cursor, ReceiverSettings& receiver);
void read_teams_receiver(const Cursor& cursor, ReceiverSettings& receiver);
void read_opsgenie_receiver(const Cursor& cursor, ReceiverSettings& receiver);
void read_email_receiver(const Cursor& cursor, ReceiverSettings& receiver);

/// The keys `title` and `text` under `templates`.
void read_message_templates(MapReader& map, TemplateSettings& templates);

/// A secret that goes into a header or a body of ours: printable ASCII without blanks, for anything
/// else is a mistake of copying. Reports a missing one.
void read_receiver_key(MapReader& map, const std::string& key, Secret& target);

}  // namespace scanclock
