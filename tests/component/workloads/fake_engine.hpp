#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

namespace asio = boost::asio;

/// A Docker Engine of a test: the part of the API that Scanclock reads, on a Unix socket in a
/// folder of its own. Answers what its members say, in the form of Engine 20.10 (API 1.41), or of
/// Podman 4.3; the event stream is chunked and stays open.
class FakeEngine {
 public:
  explicit FakeEngine(asio::io_context& io);
  /// Runs the io_context until every connection has ended.
  ~FakeEngine();
  FakeEngine(const FakeEngine&) = delete;
  FakeEngine& operator=(const FakeEngine&) = delete;

  /// `unix:///tmp/…/docker.sock`
  std::string url() const;

  std::string api_version = "1.41";
  std::string min_api_version = "1.12";
  /// Where set, it is Podman, with this version of its own API.
  std::string podman_version;
  /// Lists of a Swarm's manager; without tasks it is none.
  std::string tasks;
  std::string services = "[]";
  std::string nodes = "[]";
  /// Objects of `/containers/json` and `/containers/{id}/json` by container ID.
  std::map<std::string, std::string> listed;
  std::map<std::string, std::string> inspected;
  /// Of `/images/{id}/json` by image ID.
  std::map<std::string, std::string> images;

  /// Runs `image`, which has the ID `image_id`, as a container; says nothing in the stream.
  void add(const std::string& id, const std::string& image, const std::string& image_id);
  /// The same in the form of Podman's own list; `pod` may be empty.
  void add_to_podman(const std::string& id, const std::string& image, const std::string& image_id,
                     const std::string& pod = {});
  void remove(const std::string& id);
  void set_image(const std::string& image_id, const std::vector<std::string>& repo_digests);

  /// Answers paths (without version and query) that begin so with `status` and `body`.
  void answer(const std::string& path_prefix, int status, std::string body);
  void answer_normally() { overrides_.clear(); }

  /// The next answer to a list is made at once, but held back until release_list().
  void hold_list();
  bool list_is_held() const;
  void release_list();

  /// Sends bytes as one chunk of every open event stream.
  void emit(std::string_view bytes);
  void emit_event(std::string_view action, std::string_view container_id, std::int64_t time_ns);
  std::size_t open_streams() const;
  /// Ends every event stream; `cleanly` with its last chunk.
  void cut_streams(bool cleanly);

  /// Stops listening and cuts every connection, or comes back on the same socket.
  void go_away();
  void come_back();

  /// Targets as asked for, in order.
  const std::vector<std::string>& targets() const;
  /// How many of them hold `part`.
  std::size_t count(std::string_view part) const;

 private:
  struct State;
  struct Answer {
    int status = 200;
    std::string body;
  };

  Answer answer_to(const std::string& target) const;
  Answer swarm_answer(const std::string& path) const;
  Answer container_list(const std::string& target) const;
  Answer object_or_404(const std::map<std::string, std::string>& objects,
                       const std::string& id) const;
  asio::awaitable<void> accept();
  asio::awaitable<void> serve(std::size_t connection);
  asio::awaitable<void> stream(std::size_t connection);

  asio::io_context& io_;
  std::map<std::string, Answer> overrides_;
  std::unique_ptr<State> state_;
};

}  // namespace scanclock
