#pragma once

#include "core/domain/registry_ports.hpp"
#include "core/domain/result.hpp"

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// One entry of DescribeImages (boto/botocore data/ecr/2015-09-21/service-2.json).
struct EcrImage {
  EcrImage() = default;
  Digest digest;
  std::optional<TimePoint> pushed_at;
  /// `COMPLETE`, `ACTIVE`, …; empty where nothing was ever scanned.
  std::string scan_status;
  std::optional<TimePoint> scanned_at;
  /// Changes with the status, the end of the last scan and the age of the vulnerability data.
  std::string scan_state;

  /// COMPLETE and ACTIVE are scans; SCAN_ELIGIBILITY_EXPIRED, which means that nobody looks any
  /// more, and all else are none.
  bool is_scanned() const { return scan_status == "COMPLETE" || scan_status == "ACTIVE"; }
};

struct EcrImagePage {
  EcrImagePage() = default;
  std::vector<EcrImage> images;
  std::string next_token;
};

Result<EcrImagePage, std::string> parse_ecr_images(std::string_view bytes);

/// Joins the pages of DescribeImageScanFindings: the lists of findings grow, all else is that of
/// the first page.
class EcrFindings {
 public:
  EcrFindings();
  ~EcrFindings();
  EcrFindings(EcrFindings&&) noexcept;
  EcrFindings& operator=(EcrFindings&&) noexcept;

  /// Returns what is wrong with the page; sets the token of the next one, empty after the last.
  std::string take(std::string_view bytes, std::string& next_token);

  /// Nothing when the status of the scan is none that counts.
  std::optional<FoundEvidence> record(const std::string& host, const RepositoryKey& repository,
                                      const Digest& subject) const;

 private:
  std::unique_ptr<nlohmann::json> whole_;
};

/// An answer of GetAuthorizationToken.
struct EcrLogin {
  EcrLogin() = default;
  std::string password;
  TimePoint expires_at;
};

/// The failure shows no value.
Result<EcrLogin, std::string> parse_ecr_login(std::string_view bytes);

/// The name in an error of the API, such as `ImageNotFoundException`; empty for none.
std::string aws_error_name(std::string_view bytes);

}  // namespace scanclock
