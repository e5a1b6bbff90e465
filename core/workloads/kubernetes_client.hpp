#pragma once

#include "core/runtime/clock.hpp"
#include "core/workloads/kubernetes_api.hpp"
#include "core/workloads/kubernetes_credentials.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>

namespace scanclock {

/// How long and how much of an error's body is read for its message.
inline constexpr Duration kubernetes_error_body_wait_max = std::chrono::seconds(5);

/// The API server that an access leads to.
class KubernetesClient final : public KubernetesApi {
 public:
  /// `clock` must outlive it.
  KubernetesClient(std::unique_ptr<KubernetesCredentials> credentials, Clock& clock);
  ~KubernetesClient() override;

  boost::asio::awaitable<Result<std::string, KubernetesProblem>> list(std::string path,
                                                                      KubernetesQuery query,
                                                                      std::string accept) override;
  boost::asio::awaitable<Result<std::unique_ptr<HttpStream>, KubernetesProblem>> watch(
      std::string path, KubernetesQuery query, std::string accept) override;
  const std::string& server() const override { return credentials_->access().server; }

 private:
  HttpRequest make_request(const std::string& path, const KubernetesQuery& query,
                           const std::string& accept, const KubernetesSession& session) const;
  KubernetesProblem refused(const std::string& path, const HttpResponse& response) const;
  KubernetesProblem without_credentials(const std::string& cause) const;

  std::unique_ptr<KubernetesCredentials> credentials_;
  Clock& clock_;
};

/// `/api/v1/pods?limit=500&continue=…`, every value escaped.
std::string kubernetes_target(const std::string& path, const KubernetesQuery& query);

}  // namespace scanclock
