#pragma once

#include "core/runtime/blocking_pool.hpp"
#include "core/runtime/clock.hpp"
#include "core/workloads/kubernetes_api.hpp"
#include "core/workloads/kubernetes_reader.hpp"
#include "core/workloads/kubernetes_reflection.hpp"
#include "core/workloads/watch_call.hpp"
#include "core/workloads/watch_framer.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <vector>

namespace scanclock {

/// Smaller pages are read at once, larger ones on the pool.
inline constexpr std::size_t kubernetes_inline_parse_bytes_max = std::size_t{128} << 10;

/// Takes what a KubernetesReflector sees. Called on the I/O thread.
template <class Object>
class KubernetesListener {
 public:
  virtual ~KubernetesListener() = default;

  /// A request is sent.
  virtual void asked() {}
  /// A list begins; what an unfinished one said before counts for nothing.
  virtual void list_begins() = 0;
  /// Objects of a list, valid until the returned coroutine ends. `went_back`: see
  /// KubernetesReflection::went_back().
  virtual boost::asio::awaitable<void> listed(std::vector<Object>& objects, bool went_back) = 0;
  /// All objects that there are were listed.
  virtual void list_complete() = 0;
  /// Events after the list: added, modified and deleted, those of one piece of the stream together.
  virtual boost::asio::awaitable<void> changed(std::vector<KubernetesEvent<Object>>& events) = 0;
  /// The server answered, or said something in a watch, if only that nothing happened.
  virtual void heard() {}
  virtual void refused(const KubernetesProblem& problem) = 0;
  /// An answer could not be read.
  virtual void unreadable(const std::string& message) = 0;
};

/// What is listed and watched.
struct KubernetesCollection {
  KubernetesCollection() = default;
  /// `/api/v1/pods`
  std::string path;
  /// Empty: everything.
  std::string field_selector;
  /// Only for objects of which nothing but metadata is read.
  bool metadata_only = false;
};

/// Lists and then watches one collection for ever, as KubernetesReflection decides.
template <class Object>
class KubernetesReflector {
 public:
  /// All references must outlive it.
  KubernetesReflector(KubernetesApi& api, Clock& clock, BlockingPool& pool,
                      KubernetesCollection collection, KubernetesRules rules,
                      KubernetesReadOptions reading, KubernetesListener<Object>& listener);

  /// Until cancelled; then throws boost::system::system_error(operation_aborted).
  boost::asio::awaitable<void> run();

  /// Leaves the watch and lists soon, whatever the versions: what the objects are joined with has
  /// changed. A list that begins later than the call is enough.
  void look_again() { call_.call(); }

 private:
  /// A page and the text that its objects may refer to.
  struct Page {
    Page() = default;
    KubernetesListHead head;
    std::vector<Object> objects;
    std::string text;
  };
  using PageRead = Result<std::shared_ptr<Page>, JsonFailure>;
  using Reader = KubernetesReader<Object>;

  KubernetesQuery query_of(const KubernetesAsk& ask) const;
  boost::asio::awaitable<void> list(KubernetesAsk ask);
  boost::asio::awaitable<PageRead> read_page(std::string text);
  static PageRead read_page_now(Reader& reader, std::string text);
  boost::asio::awaitable<void> watch(KubernetesAsk ask);
  boost::asio::awaitable<void> follow(HttpStream& stream, Duration silence_max);
  /// What `piece` completes; false when the stream is over with it.
  boost::asio::awaitable<bool> take(std::string piece);
  boost::asio::awaitable<void> hand_over();
  void end_watch(KubernetesWatchEnd end);
  /// Reads what has no line end behind it; false when that is no document.
  bool take_rest();

  KubernetesApi& api_;
  Clock& clock_;
  BlockingPool& pool_;
  KubernetesCollection collection_;
  KubernetesListener<Object>& listener_;
  KubernetesReflection reflection_;
  std::shared_ptr<Reader> reader_;
  WatchFramer framer_;
  WatchCall call_;
  /// Not handed over yet.
  std::vector<KubernetesEvent<Object>> events_;
  bool is_streaming_list_ = false;
};

extern template class KubernetesReflector<KubernetesPod>;
extern template class KubernetesReflector<KubernetesNode>;
extern template class KubernetesReflector<KubernetesOwned>;
extern template class KubernetesReflector<KubernetesReport>;

}  // namespace scanclock
