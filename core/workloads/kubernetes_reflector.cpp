#include "core/workloads/kubernetes_reflector.hpp"

#include "core/runtime/log.hpp"

#include <utility>

namespace scanclock {
namespace {

std::string whole_seconds(Duration duration) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(duration).count());
}

KubernetesProblem pool_is_busy(const std::string& path, const std::string& cause) {
  KubernetesProblem problem;
  problem.kind = KubernetesProblemKind::transport;
  problem.transport_reason = "overloaded";
  problem.message = "GET " + path + ": " + cause;
  return problem;
}

}  // namespace

template <class Object>
KubernetesReflector<Object>::KubernetesReflector(
    KubernetesApi& api, Clock& clock, BlockingPool& pool, KubernetesCollection collection,
    KubernetesRules rules, KubernetesReadOptions reading, KubernetesListener<Object>& listener)
    : api_(api),
      clock_(clock),
      pool_(pool),
      collection_(std::move(collection)),
      listener_(listener),
      reflection_(rules),
      reader_(std::make_shared<Reader>(std::move(reading))) {}

template <class Object>
asio::awaitable<void> KubernetesReflector<Object>::run() {
  while (true) {
    KubernetesAsk ask = reflection_.next();
    if (ask.wait > Duration::zero()) {
      co_await clock_.sleep(ask.wait);
    }
    if (ask.begins_list) {
      call_.forget();
      listener_.list_begins();
    }
    listener_.asked();
    if (ask.kind == KubernetesAsk::Kind::list) {
      co_await list(std::move(ask));
    } else {
      co_await watch(std::move(ask));
    }
  }
}

template <class Object>
KubernetesQuery KubernetesReflector<Object>::query_of(const KubernetesAsk& ask) const {
  KubernetesQuery query;
  if (!collection_.field_selector.empty()) {
    query.emplace_back("fieldSelector", collection_.field_selector);
  }
  if (ask.kind == KubernetesAsk::Kind::list) {
    if (ask.limit != 0) {
      query.emplace_back("limit", std::to_string(ask.limit));
    }
    if (!ask.continue_token.empty()) {
      query.emplace_back("continue", ask.continue_token);
    }
    return query;
  }
  query.emplace_back("watch", "1");
  query.emplace_back("resourceVersion", ask.resource_version);
  query.emplace_back("allowWatchBookmarks", "true");
  query.emplace_back("timeoutSeconds", whole_seconds(ask.watch_time));
  if (ask.kind == KubernetesAsk::Kind::streamed_list) {
    query.emplace_back("sendInitialEvents", "true");
    query.emplace_back("resourceVersionMatch", "NotOlderThan");
  }
  return query;
}

template <class Object>
typename KubernetesReflector<Object>::PageRead KubernetesReflector<Object>::read_page_now(
    Reader& reader, std::string text) {
  auto page = std::make_shared<Page>();
  page->text = std::move(text);
  auto head = reader.read_list(PaddedJson(page->text), [&page](Object& object) {
    page->objects.push_back(std::move(object));
  });
  if (!head) {
    return head.error();
  }
  page->head = std::move(*head);
  return page;
}

template <class Object>
asio::awaitable<typename KubernetesReflector<Object>::PageRead>
KubernetesReflector<Object>::read_page(std::string text) {
  if (text.size() <= kubernetes_inline_parse_bytes_max) {
    co_return read_page_now(*reader_, std::move(text));
  }
  auto work = [reader = reader_, text = std::move(text)]() mutable {
    return read_page_now(*reader, std::move(text));
  };
  co_return co_await pool_.run(std::move(work));
}

template <class Object>
asio::awaitable<void> KubernetesReflector<Object>::list(KubernetesAsk ask) {
  std::string accept(collection_.metadata_only ? kubernetes_metadata_list_json
                                               : kubernetes_plain_json);
  KubernetesQuery query = query_of(ask);
  auto body = co_await api_.list(collection_.path, std::move(query), std::move(accept));
  if (!body) {
    reflection_.refused(body.error());
    listener_.refused(body.error());
    co_return;
  }
  PageRead page = JsonFailure();
  std::string busy;
  try {
    page = co_await read_page(std::move(*body));
  } catch (const PoolBusyError& error) {
    busy = error.what();
  }
  if (!busy.empty()) {
    const KubernetesProblem problem = pool_is_busy(collection_.path, busy);
    reflection_.refused(problem);
    listener_.refused(problem);
    co_return;
  }
  if (!page) {
    reflection_.page_malformed();
    listener_.unreadable("GET " + collection_.path + " of " + api_.server() + ": " +
                         page.error().message);
    co_return;
  }
  const std::shared_ptr<Page> read = *page;
  const bool is_complete =
      reflection_.page_read(read->head.resource_version, read->head.continue_token);
  listener_.heard();
  co_await listener_.listed(read->objects, reflection_.went_back());
  if (is_complete) {
    listener_.list_complete();
  }
}

template <class Object>
asio::awaitable<void> KubernetesReflector<Object>::watch(KubernetesAsk ask) {
  std::string accept(collection_.metadata_only ? kubernetes_metadata_json : kubernetes_plain_json);
  KubernetesQuery query = query_of(ask);
  auto stream = co_await api_.watch(collection_.path, std::move(query), std::move(accept));
  if (!stream) {
    reflection_.refused(stream.error());
    listener_.refused(stream.error());
    co_return;
  }
  framer_ = WatchFramer();
  reader_->finish_list();
  events_.clear();
  is_streaming_list_ = ask.kind == KubernetesAsk::Kind::streamed_list;
  reflection_.watch_opened(clock_.monotonic());
  listener_.heard();
  co_await follow(**stream, ask.watch_time + kubernetes_watch_silence_extra);
}

template <class Object>
asio::awaitable<void> KubernetesReflector<Object>::follow(HttpStream& stream,
                                                          Duration silence_max) {
  while (true) {
    auto read = co_await call_.read(stream, silence_max);
    if (!read) {
      co_await hand_over();
      reflection_.look_again();
      co_return;
    }
    WatchCall::Piece& piece = *read;
    if (!piece) {
      log::debug("workloads", "watch of {} of {}: {}", collection_.path, api_.server(),
                 piece.error().message);
      end_watch(KubernetesWatchEnd::broken);
      co_return;
    }
    if (piece->empty()) {
      const bool is_whole = take_rest();
      co_await hand_over();
      end_watch(is_whole ? KubernetesWatchEnd::clean : KubernetesWatchEnd::broken);
      co_return;
    }
    if (!co_await take(std::move(*piece))) {
      co_return;
    }
    reflection_.time_passed(clock_.monotonic());
    listener_.heard();
  }
}

template <class Object>
void KubernetesReflector<Object>::end_watch(KubernetesWatchEnd end) {
  reflection_.watch_ended(end, clock_.monotonic());
}

template <class Object>
asio::awaitable<bool> KubernetesReflector<Object>::take(std::string piece) {
  framer_.push(piece);
  std::string unreadable;
  while (true) {
    auto document = framer_.next();
    if (!document) {
      unreadable = document.error().message;
      break;
    }
    if (!*document) {
      break;
    }
    auto event = reader_->read_event(**document);
    if (!event) {
      unreadable = event.error().message;
      break;
    }
    if (event->type == KubernetesEventType::error) {
      co_await hand_over();
      log::debug("workloads", "watch of {} of {} ended: {}", collection_.path, api_.server(),
                 event->status.message);
      reflection_.error_read(event->status);
      co_return false;
    }
    const bool is_list_complete =
        reflection_.event_read(event->resource_version, event->ends_initial_events);
    if (event->type != KubernetesEventType::bookmark) {
      events_.push_back(std::move(*event));
    }
    if (is_list_complete) {
      co_await hand_over();
      is_streaming_list_ = false;
      listener_.list_complete();
    }
  }
  co_await hand_over();
  if (!unreadable.empty()) {
    log::warning("workloads", "watch of {} of {}: {}", collection_.path, api_.server(), unreadable);
    end_watch(KubernetesWatchEnd::malformed);
    co_return false;
  }
  co_return true;
}

template <class Object>
bool KubernetesReflector<Object>::take_rest() {
  auto document = framer_.finish();
  if (!document || !*document) {
    return document.has_value();
  }
  auto event = reader_->read_event(**document);
  if (!event || event->type == KubernetesEventType::error) {
    return false;
  }
  reflection_.event_read(event->resource_version, false);
  if (event->type != KubernetesEventType::bookmark) {
    events_.push_back(std::move(*event));
  }
  return true;
}

template <class Object>
asio::awaitable<void> KubernetesReflector<Object>::hand_over() {
  if (events_.empty()) {
    co_return;
  }
  std::vector<KubernetesEvent<Object>> events = std::exchange(events_, {});
  if (!is_streaming_list_) {
    co_await listener_.changed(events);
    co_return;
  }
  std::vector<Object> objects;
  std::vector<KubernetesEvent<Object>> deleted;
  for (KubernetesEvent<Object>& event : events) {
    if (event.type == KubernetesEventType::deleted) {
      deleted.push_back(std::move(event));
    } else {
      objects.push_back(std::move(event.object));
    }
  }
  co_await listener_.listed(objects, reflection_.went_back());
  if (!deleted.empty()) {
    co_await listener_.changed(deleted);
  }
}

template class KubernetesReflector<KubernetesPod>;
template class KubernetesReflector<KubernetesNode>;
template class KubernetesReflector<KubernetesOwned>;
template class KubernetesReflector<KubernetesReport>;

}  // namespace scanclock
