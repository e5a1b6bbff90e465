#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

namespace asio = boost::asio;

/// A task of an allocation of FakeNomad.
struct FakeTask {
  std::string state = "running";
  std::string started_at = "2026-11-01T11:00:00.123456789Z";
  int restarts = 0;
};

/// An allocation of FakeNomad, in the words of Nomad's API.
struct FakeAllocation {
  std::string namespace_name = "default";
  std::string node_id = "node-1";
  std::string job_id = "web";
  std::uint64_t job_version = 0;
  std::string group = "front";
  std::string client_status = "running";
  std::string desired_status = "run";
  std::uint64_t modify_index = 10;
  std::map<std::string, FakeTask> tasks{{"app", FakeTask()}};
};

/// A Nomad server of a test, on a free loopback port: the part of the HTTP API that Scanclock
/// reads, in the form of Nomad 1.6 to 1.10. Lists are filtered by namespace and rights as Nomad
/// does: `*` leaves out silently what the token may not see, and a name of such a namespace is 403.
class FakeNomad {
 public:
  explicit FakeNomad(asio::io_context& io);
  /// Runs the io_context until every connection has ended.
  ~FakeNomad();
  FakeNomad(const FakeNomad&) = delete;
  FakeNomad& operator=(const FakeNomad&) = delete;

  std::string url() const;

  std::map<std::string, FakeAllocation> allocations;
  /// `namespace/job/version` → JSON of its TaskGroups; see set_image.
  std::map<std::string, std::string> jobs;
  /// Node ID → its name; all are linux/arm64.
  std::map<std::string, std::string> nodes{{"node-1", "client-a"}};
  std::uint64_t index = 10;
  /// Not empty: who does not send it gets 403.
  std::string token;
  std::set<std::string> forbidden_namespaces;
  bool nodes_are_forbidden = false;
  /// Of a list; per_page is obeyed, too.
  std::size_t page_size = 1000;
  /// Event streams end with the connection, as in Nomad from 1.9 on, instead of being chunked.
  bool close_delimited = false;
  bool sends_index = true;

  /// One group "front" with one task "app", which the Docker driver runs.
  void set_image(const std::string& image, std::uint64_t version = 0,
                 const std::string& namespace_name = "default", const std::string& job = "web");

  /// Answers paths that begin so with `status` and `body`.
  void answer(const std::string& path_prefix, int status, std::string body,
              std::string headers = std::string());
  void answer_normally() { overrides_.clear(); }
  /// Bodies of paths that begin so end after `bytes`, though more was promised.
  void cut(const std::string& path_prefix, std::size_t bytes);
  void stop_cutting() { cuts_.clear(); }
  /// Paths that begin so get no answer at all.
  void stall(const std::string& path_prefix) { stalled_ = path_prefix; }
  void stop_stalling() { stalled_.clear(); }

  std::string list_body(const std::string& namespace_name) const;

  /// Sends bytes on every open event stream.
  void emit(std::string_view bytes);
  /// The event of a change of the allocation, at its modify index.
  void emit_allocation(const std::string& id);
  std::size_t open_streams() const;
  /// Ends every event stream; `cleanly` with its last chunk, where it has chunks.
  void cut_streams(bool cleanly);

  /// Targets as asked for, in order, and the tokens that came with them.
  const std::vector<std::string>& targets() const;
  const std::vector<std::string>& tokens() const;
  /// How many targets hold `part`.
  std::size_t count(std::string_view part) const;

 private:
  struct State;
  struct Answer {
    int status = 200;
    std::string body;
    std::string headers;
  };

  Answer answer_to(const std::string& target, const std::string& sent_token) const;
  Answer list_answer(const std::map<std::string, std::string>& query) const;
  Answer allocation_answer(const std::string& id) const;
  asio::awaitable<void> accept();
  asio::awaitable<void> serve(std::size_t connection);
  asio::awaitable<void> stream(std::size_t connection);

  asio::io_context& io_;
  std::map<std::string, Answer> overrides_;
  std::map<std::string, std::size_t> cuts_;
  std::string stalled_;
  std::unique_ptr<State> state_;
};

}  // namespace scanclock
