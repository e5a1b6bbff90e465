#include "core/registry/ecr_answers.hpp"

#include "core/registry/bounded_json.hpp"
#include "core/registry/platform_record.hpp"
#include "core/runtime/hashing.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <stdexcept>
#include <utility>

namespace scanclock {
namespace {

using nlohmann::json;

/// Seconds since 1970 with a fraction, as AWS JSON 1.1 writes times.
std::optional<TimePoint> read_epoch(const json& object, const char* name) {
  constexpr double seconds_max = 1e11;
  const auto value = object.find(name);
  if (value == object.end() || !value->is_number()) {
    return std::nullopt;
  }
  const double seconds = value->get<double>();
  if (!(seconds > 0 && seconds < seconds_max)) {
    return std::nullopt;
  }
  return TimePoint(Duration(static_cast<std::int64_t>(seconds * 1e6)));
}

std::string dumped_field(const json& object, const char* name) {
  const auto value = object.find(name);
  return value == object.end() ? std::string()
                               : value->dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<EcrImage> read_ecr_image(const json& detail) {
  const auto digest =
      detail.is_object() ? Digest::parse(text_field(detail, "imageDigest")) : std::nullopt;
  if (!digest) {
    return std::nullopt;
  }
  const json& summary = object_field(detail, "imageScanFindingsSummary");
  EcrImage image;
  image.digest = *digest;
  image.pushed_at = read_epoch(detail, "imagePushedAt");
  image.scan_status = text_field(object_field(detail, "imageScanStatus"), "status");
  image.scanned_at = read_epoch(summary, "imageScanCompletedAt");
  image.scan_state = image.scan_status + " " + dumped_field(summary, "imageScanCompletedAt") + " " +
                     dumped_field(summary, "vulnerabilitySourceUpdatedAt");
  return image;
}

bool is_all(std::string_view text, int (*is_kind)(int)) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [is_kind](unsigned char letter) {
    return is_kind(letter) != 0;
  });
}

void append_list(json& whole, json& page, const char* name) {
  const auto list = page.find(name);
  if (list == page.end() || !list->is_array()) {
    return;
  }
  json& into = whole[name];
  if (!into.is_array()) {
    into = json::array();
  }
  for (json& item : *list) {
    into.push_back(std::move(item));
  }
}

}  // namespace

Result<EcrImagePage, std::string> parse_ecr_images(std::string_view bytes) {
  json answer;
  std::string defect = parse_registry_object(bytes, answer);
  if (!defect.empty()) {
    return defect;
  }
  const auto details = answer.find("imageDetails");
  if (details == answer.end() || !details->is_array()) {
    return std::string("no list named imageDetails");
  }
  EcrImagePage page;
  page.next_token = text_field(answer, "nextToken");
  for (const json& detail : *details) {
    if (auto image = read_ecr_image(detail)) {
      page.images.push_back(std::move(*image));
    }
  }
  return page;
}

EcrFindings::EcrFindings() = default;
EcrFindings::~EcrFindings() = default;
EcrFindings::EcrFindings(EcrFindings&&) noexcept = default;
EcrFindings& EcrFindings::operator=(EcrFindings&&) noexcept = default;

std::string EcrFindings::take(std::string_view bytes, std::string& next_token) {
  json page;
  std::string defect = parse_registry_object(bytes, page);
  if (!defect.empty()) {
    return defect;
  }
  next_token = text_field(page, "nextToken");
  page.erase("nextToken");
  if (!whole_) {
    whole_ = std::make_unique<json>(std::move(page));
    return std::string();
  }
  const auto found = page.find("imageScanFindings");
  if (found != page.end() && found->is_object()) {
    json& into = (*whole_)["imageScanFindings"];
    if (!into.is_object()) {
      into = json::object();
    }
    append_list(into, *found, "findings");
    append_list(into, *found, "enhancedFindings");
  }
  return std::string();
}

std::optional<FoundEvidence> EcrFindings::record(const std::string& host,
                                                 const RepositoryKey& repository,
                                                 const Digest& subject) const {
  EcrImage image;
  image.scan_status =
      whole_ ? text_field(object_field(*whole_, "imageScanStatus"), "status") : std::string();
  if (!image.is_scanned()) {
    return std::nullopt;
  }
  return platform_evidence(
      repository, subject,
      wrap_platform_record("ecr-v2015", host, repository.repository, subject, *whole_));
}

Result<EcrLogin, std::string> parse_ecr_login(std::string_view bytes) {
  json answer;
  std::string defect = parse_registry_object(bytes, answer);
  if (!defect.empty()) {
    return defect;
  }
  const json& data = array_field(answer, "authorizationData");
  if (data.empty() || !data.front().is_object()) {
    return std::string("no authorizationData");
  }
  const auto expires_at = read_epoch(data.front(), "expiresAt");
  std::string user_and_password;
  try {
    user_and_password = base64_decode(text_field(data.front(), "authorizationToken"));
  } catch (const std::invalid_argument&) {
    return std::string("the authorizationToken is not base64");
  }
  constexpr std::string_view user = "AWS:";
  if (!user_and_password.starts_with(user) || user_and_password.size() == user.size() ||
      !expires_at) {
    return std::string("the authorizationToken is not that of user AWS, or expires never");
  }
  EcrLogin login;
  login.password = user_and_password.substr(user.size());
  login.expires_at = *expires_at;
  return login;
}

std::string aws_error_name(std::string_view bytes) {
  constexpr std::size_t name_length_max = 80;
  json answer;
  if (!parse_registry_object(bytes, answer).empty()) {
    return std::string();
  }
  // The full form is `com.amazonaws.…#Name`.
  std::string name = text_field(answer, "__type");
  name = name.substr(name.find('#') + 1);
  return name.size() <= name_length_max && is_all(name, std::isalnum) ? name : std::string();
}

}  // namespace scanclock
