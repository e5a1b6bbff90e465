#pragma once

#include "tests/support/blocking_http.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace scanclock {

/// Stands in front of a registry and passes requests on, until it is told to behave badly. Every
/// call may come from the test's thread at any time.
class MisbehavingProxy {
 public:
  /// True: the request was dealt with and the connection goes on; false: the connection ends;
  /// nothing: pass it on.
  using Behaviour = std::function<std::optional<bool>(const ServedConnection& connection,
                                                      const ServedRequest& request)>;

  /// `upstream` is `127.0.0.1:port`.
  explicit MisbehavingProxy(std::string upstream);

  std::string host() const { return server_->address(); }
  /// Connections are refused from now on.
  void refuse() { server_->stop(); }
  void behave_badly(Behaviour behaviour);
  /// As the registry itself from now on, listening again if it was refusing.
  void behave_well();

 private:
  bool serve(const ServedConnection& connection, const ServedRequest& request);

  std::string upstream_;
  std::mutex mutex_;
  Behaviour behaviour_;
  std::unique_ptr<BlockingServer> server_;
};

/// What registries and what stands before them have been seen to do.
namespace bad_days {

MisbehavingProxy::Behaviour reset_every_connection();
MisbehavingProxy::Behaviour never_answer();
MisbehavingProxy::Behaviour answer(int status);
/// A captive portal or a login page.
MisbehavingProxy::Behaviour html_with_200();
MisbehavingProxy::Behaviour empty_catalog();
MisbehavingProxy::Behaviour empty_tag_list();
/// Manifests whose bytes are not those of their digest.
MisbehavingProxy::Behaviour wrong_digest();
/// Half of the body, then the end of the connection.
MisbehavingProxy::Behaviour truncated_body(const std::string& upstream);
/// Answers that expand from about a megabyte to a gibibyte.
MisbehavingProxy::Behaviour gzip_bomb();
MisbehavingProxy::Behaviour deep_json();
/// Every answer is a few bytes longer than manifests and lists may be.
MisbehavingProxy::Behaviour too_large();
/// Every page of a list names another one.
MisbehavingProxy::Behaviour endless_pages();

}  // namespace bad_days

}  // namespace scanclock
