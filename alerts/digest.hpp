#pragma once

#include "alerts/receiver.hpp"
#include "core/domain/forecast.hpp"
#include "core/domain/time_zone.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace scanclock::alerts {

inline constexpr std::string_view digest_type = "scanclock.digest";
/// What lies within these two spans is counted in the digest's first line.
inline constexpr int digest_days_near = 7;
inline constexpr int digest_days = 35;
/// Images that one list of a digest names, and owners; each list says how many it leaves out.
inline constexpr std::size_t digest_images_max = 20;
inline constexpr std::size_t digest_owners_max = 50;

/// The forecast as one receiver is told of it. It is no alert: nothing in it fires or resolves.
struct ForecastDigest {
  std::string receiver;
  /// From 1 for each receiver.
  std::int64_t sequence = 0;
  /// The moment of the grid that it was due at.
  TimePoint due_at;
  const Forecast& forecast;
};

/// Digests are due on a grid of times on the wall that begins on Monday 5 January 1970, 08:00: with
/// 7d every Monday at eight, with 1d every day at eight, with 1h on the hour, whatever the zone
/// does to its clocks. A time that comes twice is the first one, one that is left out the moment of
/// the change. Returns the newest such moment that is not after `now`. `every` is positive.
TimePoint digest_due_at(Duration every, const TimeZone& zone, TimePoint now);

/// The first such moment after `time`.
TimePoint digest_due_after(Duration every, const TimeZone& zone, TimePoint time);

/// What the forecast of a digest is asked for.
ForecastQuestion digest_question();

/// Names the row that remembers what the receiver was told, and keeps its digests in order.
std::string digest_id(const std::string& receiver);

/// The same for every attempt to write the digest of one moment, so that it is sent once.
std::string digest_message_id(const std::string& receiver, TimePoint due_at);

/// Whether the receiver's kind can be told of digests: those that page cannot, for a digest is no
/// incident that anybody could resolve.
bool takes_digests(const Receiver& receiver);

/// The JSON body for webhooks: `{"type":"scanclock.digest","timestamp","data":{"id","sequence",
/// "due_at","images","overdue","never_scanned","due_within_7_days","due_within_35_days","later",
/// "unbound","days":[{"date","images"}],"nearest":[…],"overdue_images":[…],
/// "never_scanned_images":[…],"owners":[{"name",…}],"owners_left_out","text","url"}}`. Images are
/// those of the API's forecast.
std::string digest_body(const ForecastDigest& digest, const std::string& external_url);

/// One line for people: a mail's subject, a chat message's first line.
std::string digest_title(const Forecast& forecast);

/// The whole digest as plain text for people, without the title; lines end in `\n`.
std::string digest_text(const Forecast& forecast);

/// The page to look at; empty without an external URL.
std::string digest_url(const std::string& external_url);

}  // namespace scanclock::alerts
