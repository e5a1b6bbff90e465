#pragma once

#include "core/net/http_client.hpp"
#include "core/runtime/blocking_pool.hpp"
#include "core/workloads/nomad_answers.hpp"
#include "core/workloads/source_problem.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scanclock {

inline constexpr Duration nomad_request_timeout = std::chrono::seconds(30);
inline constexpr int nomad_page_size = 500;
inline constexpr std::size_t nomad_pages_max = 2000;
inline constexpr std::size_t nomad_page_bytes_max = std::size_t{64} << 20;
/// A job specification with everything that its authors put into templates.
inline constexpr std::size_t nomad_allocation_bytes_max = std::size_t{16} << 20;
/// Bigger answers are parsed on the pool.
inline constexpr std::size_t nomad_inline_parse_bytes_max = std::size_t{128} << 10;

struct NomadAccess {
  NomadAccess() = default;
  /// `https://host:4646`
  std::string url;
  /// Empty: the region of the server that is asked.
  std::string region;
  /// Reads the ACL token anew at each call, on any thread; throws std::runtime_error, naming the
  /// file, when that fails. No function: no token is sent.
  std::function<std::string()> token;
};

/// Why there is no answer, and how long the server wants to be left alone.
struct NomadFailure {
  NomadFailure() = default;
  explicit NomadFailure(SourceProblem what) : problem(std::move(what)) {}
  SourceProblem problem;
  std::optional<Duration> retry_after;
};

/// Everything that the token may see in one namespace, or in all.
struct NomadView {
  NomadView() = default;
  std::vector<NomadAllocation> allocations;
  /// Of the first page: whatever changed later may be missing or in it. 0 when no header said it.
  std::uint64_t index = 0;
};

/// The requests of Nomad's HTTP API that Scanclock makes, all of them GET and consistent reads
/// (developer.hashicorp.com/nomad/api-docs). I/O thread only.
class NomadConnection {
 public:
  /// All must outlive the connection; `on_request` is called for each request. Throws
  /// std::invalid_argument for a URL that is none.
  NomadConnection(NomadAccess access, HttpClient& http, BlockingPool& pool,
                  std::function<void()> on_request);

  /// Pages through the allocations that may run; `namespace_name` may be `*`. A token that may
  /// read no namespace at all gets an empty list for `*`, and no error.
  boost::asio::awaitable<Result<NomadView, NomadFailure>> allocations(std::string namespace_name);
  /// Nothing when there is no such allocation (any more).
  boost::asio::awaitable<Result<std::optional<NomadAllocationDetail>, NomadFailure>> allocation(
      std::string id);
  /// Nothing when there is no such node, or the token may not read nodes.
  boost::asio::awaitable<Result<std::optional<Platform>, NomadFailure>> platform(
      std::string node_id);
  /// A problem where the token may not read the namespace's jobs. A namespace that was deleted is
  /// none.
  boost::asio::awaitable<std::optional<NomadFailure>> probe(std::string namespace_name);
  /// Changes of allocations from `index` on, as far as the server remembers them; where it does
  /// not, it begins later and says nothing.
  boost::asio::awaitable<Result<std::unique_ptr<HttpStream>, NomadFailure>> events(
      std::string namespace_name, std::uint64_t index);

  const std::string& url() const { return base_; }

 private:
  using Query = std::vector<std::pair<std::string, std::string>>;

  boost::asio::awaitable<Result<HttpRequest, NomadFailure>> request(std::string path, Query query);
  /// An answer of any status.
  boost::asio::awaitable<Result<HttpResponse, NomadFailure>> get(std::string path, Query query,
                                                                 std::size_t body_bytes_max);
  NomadFailure refused(const std::string& path, const HttpResponse& response) const;
  NomadFailure failed(const std::string& path, std::string reason, const std::string& cause) const;

  std::string base_;
  std::string region_;
  std::function<std::string()> token_;
  HttpClient& http_;
  BlockingPool& pool_;
  std::function<void()> on_request_;
};

}  // namespace scanclock
