#include "alerts/digest.hpp"

#include "alerts/receivers/plain_text.hpp"
#include "core/domain/forecast_json.hpp"
#include "core/domain/views.hpp"
#include "core/runtime/hashing.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <vector>

namespace scanclock::alerts {
namespace {

using nlohmann::json;

constexpr LocalTime digest_grid_start =
    std::chrono::local_days(std::chrono::January / 5 / 1970) + std::chrono::hours(8);

/// The newest time of the grid that is not after what the clock on the wall shows.
LocalTime digest_grid_time(Duration every, const TimeZone& zone, TimePoint now) {
  const Duration since = zone.to_local(now) - digest_grid_start;
  // Rounded down before the grid's start, too.
  const auto steps = since.count() / every.count() - (since.count() % every.count() < 0 ? 1 : 0);
  return digest_grid_start + every * steps;
}

/// Of the coming days, the earliest deadlines first.
std::vector<const ImageRecord*> coming_images(const Forecast& forecast) {
  std::vector<const ImageRecord*> images;
  for (const ForecastImages& day : forecast.days) {
    for (const ImageRecord* image : day.nearest) {
      if (images.size() == digest_images_max) {
        return images;
      }
      images.push_back(image);
    }
  }
  return images;
}

json digest_images(const std::vector<const ImageRecord*>& images) {
  json list = json::array();
  for (const ImageRecord* image : images) {
    list.push_back(forecast_image_json(*image));
  }
  return list;
}

bool is_owner_concerned(const ForecastGroup& owner) {
  return owner.overdue + owner.never_scanned + owner.due_within(digest_days) > 0;
}

std::string count_text(std::size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

std::string digest_line(const ImageRecord& image, const std::string& clock) {
  const std::string owner = image.owner.empty() ? "" : " (" + clean_line(image.owner) + ")";
  return "- " + clean_line(asset_id(image)) + owner + clock + "\n";
}

void add_list(std::string& text, const std::string& title, const ForecastImages& images,
              const std::string& clock) {
  if (images.count == 0) {
    return;
  }
  text += "\n" + title + " (" + std::to_string(images.count) + "):\n";
  for (const ImageRecord* image : images.nearest) {
    text += digest_line(*image, clock + format_rfc3339(image->deadline_at));
  }
  if (images.count > images.nearest.size()) {
    text += "- and " + std::to_string(images.count - images.nearest.size()) + " more\n";
  }
}

void add_days(std::string& text, const Forecast& forecast) {
  const std::size_t coming = forecast.due_within(digest_days);
  if (coming == 0) {
    return;
  }
  text += "\nComing days:\n";
  std::chrono::sys_days day = forecast.first_day;
  for (const ForecastImages& images : forecast.days) {
    if (images.count > 0) {
      text += "- " + format_date(day) + ": " + std::to_string(images.count) + "\n";
    }
    day += std::chrono::days(1);
  }
  const std::vector<const ImageRecord*> nearest = coming_images(forecast);
  text += "\nNext to pass their deadline:\n";
  for (const ImageRecord* image : nearest) {
    text += digest_line(*image, ", " + format_rfc3339(image->deadline_at));
  }
  if (coming > nearest.size()) {
    text += "- and " + std::to_string(coming - nearest.size()) + " more\n";
  }
}

void add_owners(std::string& text, const Forecast& forecast) {
  std::size_t listed = 0;
  std::size_t left_out = forecast.by_owner.left_out;
  for (const ForecastGroup& owner : forecast.by_owner.groups) {
    if (!is_owner_concerned(owner)) {
      continue;
    }
    if (listed == digest_owners_max) {
      ++left_out;
      continue;
    }
    text += listed++ == 0 ? "\nBy owner:\n" : "";
    text += "- " + (owner.name.empty() ? "(no owner)" : clean_line(owner.name)) + ": " +
            std::to_string(owner.overdue) + " overdue, " + std::to_string(owner.never_scanned) +
            " never scanned, " + std::to_string(owner.due_within(digest_days_near)) + " within " +
            std::to_string(digest_days_near) + " days, " +
            std::to_string(owner.due_within(digest_days)) + " within " +
            std::to_string(digest_days) + " days\n";
  }
  if (left_out > 0) {
    text += "- and " + count_text(left_out, "more owner", "more owners") + "\n";
  }
}

json digest_owners(const Forecast& forecast, std::size_t& left_out) {
  json list = json::array();
  left_out = forecast.by_owner.left_out;
  for (const ForecastGroup& owner : forecast.by_owner.groups) {
    if (!is_owner_concerned(owner)) {
      continue;
    }
    if (list.size() == digest_owners_max) {
      ++left_out;
      continue;
    }
    json item;
    item["name"] = owner.name;
    item["images"] = owner.images;
    item["overdue"] = owner.overdue;
    item["never_scanned"] = owner.never_scanned;
    item["due_within_7_days"] = owner.due_within(digest_days_near);
    item["due_within_35_days"] = owner.due_within(digest_days);
    list.push_back(std::move(item));
  }
  return list;
}

}  // namespace

TimePoint digest_due_at(Duration every, const TimeZone& zone, TimePoint now) {
  LocalTime due = digest_grid_time(every, zone, now);
  // While an hour comes again, later times of the grid had their moment in the first one.
  while (zone.earliest(due + every) <= now) {
    due += every;
  }
  return zone.earliest(due);
}

TimePoint digest_due_after(Duration every, const TimeZone& zone, TimePoint time) {
  LocalTime due = digest_grid_time(every, zone, time);
  while (zone.earliest(due) <= time) {
    due += every;
  }
  return zone.earliest(due);
}

ForecastQuestion digest_question() {
  ForecastQuestion question;
  question.days = digest_days;
  question.images_max = digest_images_max;
  return question;
}

std::string digest_id(const std::string& receiver) { return "digest_" + receiver; }

std::string digest_message_id(const std::string& receiver, TimePoint due_at) {
  const auto second = std::chrono::floor<std::chrono::seconds>(due_at);
  return "msg_digest_" + std::string(sha256(receiver).hex().substr(0, 8)) + "_" +
         std::to_string(second.time_since_epoch().count());
}

bool takes_digests(const Receiver& receiver) {
  const bool is_standard_webhook =
      receiver.webhook && receiver.webhook->format == WebhookFormat::standard;
  return is_standard_webhook || receiver.slack || receiver.teams || receiver.email;
}

std::string digest_body(const ForecastDigest& digest, const std::string& external_url) {
  const Forecast& forecast = digest.forecast;
  json data;
  data["id"] = digest_id(digest.receiver);
  data["sequence"] = digest.sequence;
  data["due_at"] = format_rfc3339(digest.due_at);
  data["images"] = forecast.images;
  data["overdue"] = forecast.overdue.count;
  data["never_scanned"] = forecast.never_scanned.count;
  data["due_within_7_days"] = forecast.due_within(digest_days_near);
  data["due_within_35_days"] = forecast.due_within(digest_days);
  data["later"] = forecast.later;
  data["unbound"] = forecast.unbound;
  data["days"] = json::array();
  std::chrono::sys_days day = forecast.first_day;
  for (const ForecastImages& images : forecast.days) {
    json item;
    item["date"] = format_date(day);
    item["images"] = images.count;
    data["days"].push_back(std::move(item));
    day += std::chrono::days(1);
  }
  data["nearest"] = digest_images(coming_images(forecast));
  data["overdue_images"] = digest_images(forecast.overdue.nearest);
  data["never_scanned_images"] = digest_images(forecast.never_scanned.nearest);
  std::size_t left_out = 0;
  data["owners"] = digest_owners(forecast, left_out);
  data["owners_left_out"] = left_out;
  data["text"] = digest_title(forecast) + "\n" + digest_text(forecast);
  data["url"] = digest_url(external_url);
  json body;
  body["type"] = digest_type;
  body["timestamp"] = format_rfc3339(forecast.at);
  body["data"] = std::move(data);
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string digest_title(const Forecast& forecast) {
  return "Scanclock: " + std::to_string(forecast.overdue.count) + " overdue, " +
         std::to_string(forecast.never_scanned.count) + " never scanned, " +
         std::to_string(forecast.due_within(digest_days_near)) + " due within " +
         std::to_string(digest_days_near) + " days, " +
         std::to_string(forecast.due_within(digest_days)) + " within " +
         std::to_string(digest_days) + " days, of " +
         count_text(forecast.images, "running image", "running images");
}

std::string digest_text(const Forecast& forecast) {
  std::string text;
  add_list(text, "Overdue", forecast.overdue, ", since ");
  add_list(text, "Never scanned", forecast.never_scanned, ", since ");
  add_days(text, forecast);
  add_owners(text, forecast);
  if (text.empty()) {
    text = "\nNothing is overdue, and nothing falls due within " + std::to_string(digest_days) +
           " days.\n";
  }
  return text.substr(1);
}

std::string digest_url(const std::string& external_url) {
  return external_url.empty() ? "" : external_url + "/";
}

}  // namespace scanclock::alerts
