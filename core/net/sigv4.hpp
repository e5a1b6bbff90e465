#pragma once

#include "core/domain/time.hpp"
#include "core/net/http_types.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// Who signs, and for which service of which region.
struct AwsSigner {
  AwsSigner() = default;
  std::string access_key_id;
  std::string secret_access_key;
  /// Of temporary credentials; empty for none.
  std::string session_token;
  std::string region;
  std::string service;
};

/// `20150830T123600Z`.
std::string aws_date(TimePoint time);

/// The headers that sign a request as AWS Signature Version 4 wants them: `X-Amz-Date`,
/// `X-Amz-Security-Token` where there is a session, and `Authorization` over Host, these and all
/// headers that the request has. Paths are taken as they are, encoded once; query parameters are
/// sorted. Pure (docs.aws.amazon.com/IAM, "Create a signed AWS API request").
std::vector<HttpHeader> sign_aws_request(const AwsSigner& signer, const HttpRequest& request,
                                         TimePoint now);

}  // namespace scanclock
