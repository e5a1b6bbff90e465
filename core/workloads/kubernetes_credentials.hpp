#pragma once

#include "core/domain/kubernetes_access.hpp"
#include "core/domain/result.hpp"
#include "core/net/http_client.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "core/workloads/kubernetes_material.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace scanclock {

/// As client-go: a token file is good for a minute and is read 10 s before that is over.
inline constexpr Duration kubernetes_token_file_period = std::chrono::seconds(60);
inline constexpr Duration kubernetes_credential_leeway = std::chrono::seconds(10);
inline constexpr Duration kubernetes_certificate_period = std::chrono::minutes(5);
/// After a file could not be read, or a plugin failed.
inline constexpr Duration kubernetes_reread_after_failure = std::chrono::seconds(10);
/// For files alone; they may lie on a network's file system.
inline constexpr Duration kubernetes_file_time_max = std::chrono::seconds(20);

/// What one request is sent with. Keeping it keeps the client.
struct KubernetesSession {
  KubernetesSession() = default;
  std::shared_ptr<HttpClient> http;
  /// Authorization and impersonation; secret.
  std::vector<HttpHeader> headers;
  /// For KubernetesCredentials::reject().
  std::uint64_t generation = 0;
};

/// Proves who we are to one API server: reads token files every minute, certificates every five and
/// runs a credential plugin when what it gave expires. What was good stays in use when a file
/// cannot be read for a while. A change of certificates makes a new client; exchanges and streams
/// of the old one go on. I/O thread only.
class KubernetesCredentials {
 public:
  /// May throw std::runtime_error, as make_http_client() does.
  using MakeClient = std::function<std::shared_ptr<HttpClient>(HttpClientOptions)>;

  /// `clock` and `pool` must outlive it.
  KubernetesCredentials(KubernetesAccess access, Clock& clock, BlockingPool& pool,
                        MakeClient make_client);
  ~KubernetesCredentials();

  /// Callers take turns. The failure names what is wrong and where, never a secret.
  boost::asio::awaitable<Result<KubernetesSession, std::string>> session();

  /// The server did not take the credentials of this generation: all that can change is read anew
  /// by the next session(). False when nothing can change.
  bool reject(std::uint64_t generation);

  const KubernetesAccess& access() const { return *access_; }

 private:
  struct Turns;
  class Turn;

  KubernetesWanted wanted() const;
  boost::asio::awaitable<std::optional<std::string>> refresh(KubernetesWanted wanted);
  std::optional<std::string> take(KubernetesMaterialRead read);
  std::optional<std::string> take_exec(Result<KubernetesExecCredential, std::string> credential);
  /// Makes a client of the texts in force, unless one stands.
  std::optional<std::string> renew_client();
  void keep_what_stands(const std::string& cause);
  KubernetesSession current() const;

  std::shared_ptr<const KubernetesAccess> access_;
  Clock& clock_;
  BlockingPool& pool_;
  MakeClient make_client_;
  std::shared_ptr<Turns> turns_;

  /// Monotonic times; not set: now.
  std::optional<Duration> token_due_;
  std::optional<Duration> tls_due_;
  std::optional<Duration> exec_due_;
  std::string token_;
  KubernetesTlsTexts tls_;
  std::optional<KubernetesExecCredential> exec_;
  std::string exec_failure_;
  /// What the client was made of.
  KubernetesTlsTexts client_texts_;
  std::shared_ptr<HttpClient> client_;
  std::string last_complaint_;
  std::uint64_t generation_ = 0;
};

/// The headers that make the server see us as somebody else (Kubernetes reference, "User
/// impersonation"); none without a user.
std::vector<HttpHeader> impersonation_headers(const KubernetesImpersonation& impersonation);

}  // namespace scanclock
