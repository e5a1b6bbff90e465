#pragma once

#include "core/domain/result.hpp"
#include "core/net/http_client.hpp"
#include "core/workloads/kubernetes_problem.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scanclock {

/// Names and values as they are meant; they are escaped when the URL is built.
using KubernetesQuery = std::vector<std::pair<std::string, std::string>>;

inline constexpr std::string_view kubernetes_plain_json = "application/json";
/// A list of nothing but metadata (reference: API concepts, "Metadata-only fetches").
inline constexpr std::string_view kubernetes_metadata_list_json =
    "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
/// The same for the objects of a watch.
inline constexpr std::string_view kubernetes_metadata_json =
    "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

/// One page, expanded: 500 pods of up to 128 KiB.
inline constexpr std::size_t kubernetes_page_bytes_max = std::size_t{64} << 20;
/// For one page with all its bytes.
inline constexpr Duration kubernetes_list_timeout = std::chrono::seconds(60);
/// For the header of a watch's answer; the body has the limits of HttpStream::read().
inline constexpr Duration kubernetes_watch_head_timeout = std::chrono::seconds(30);

/// One Kubernetes API server, or whatever stands before several of them. Only GET. Credentials are
/// taken anew for each request; a 401 makes them be read again and the request be sent once more.
/// Sends its own User-Agent. I/O thread only; cancellation throws
/// boost::system::system_error(operation_aborted).
class KubernetesApi {
 public:
  virtual ~KubernetesApi() = default;

  /// GETs `path` (`/api/v1/pods`) and returns the body of a 200, at most
  /// `kubernetes_page_bytes_max`.
  virtual boost::asio::awaitable<Result<std::string, KubernetesProblem>> list(
      std::string path, KubernetesQuery query, std::string accept) = 0;

  /// GETs `path`, whose query says `watch=1`, on a connection of its own, uncompressed, and returns
  /// after the header of a 200. Lives on when certificates change meanwhile.
  virtual boost::asio::awaitable<Result<std::unique_ptr<HttpStream>, KubernetesProblem>> watch(
      std::string path, KubernetesQuery query, std::string accept) = 0;

  /// The server's URL, for messages.
  virtual const std::string& server() const = 0;
};

}  // namespace scanclock
