#pragma once

#include "core/domain/result.hpp"
#include "core/workloads/bounded_json.hpp"
#include "core/workloads/kubernetes_metadata.hpp"
#include "core/workloads/kubernetes_pods.hpp"
#include "core/workloads/kubernetes_problem.hpp"
#include "core/workloads/padded_json.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace scanclock {

struct KubernetesReadOptions {
  KubernetesReadOptions() = default;
  /// The labels of pods that are kept; all of them where nothing is set.
  std::optional<std::set<std::string, std::less<>>> labels;
};

/// `metadata` of a list.
struct KubernetesListHead {
  KubernetesListHead() = default;
  /// Never empty: where to watch from.
  std::string resource_version;
  /// For the next page; empty on the last.
  std::string continue_token;
  /// How many objects the next pages hold, where the server tells.
  std::optional<std::int64_t> remaining_item_count;

  bool operator==(const KubernetesListHead&) const = default;
};

enum class KubernetesEventType { added, modified, deleted, bookmark, error };

/// One document of a watch.
template <class Object>
struct KubernetesEvent {
  KubernetesEvent() = default;
  KubernetesEventType type = KubernetesEventType::error;
  /// How far the watch has come; empty with `error`.
  std::string resource_version;
  /// A bookmark that ends the events which stand for a list (annotation
  /// `k8s.io/initial-events-end`, KEP-3157).
  bool ends_initial_events = false;
  /// With `added`, `modified` and `deleted`.
  Object object;
  /// With `error`.
  KubernetesStatus status;
};

/// More than an event mostly has.
inline constexpr std::size_t kubernetes_kept_parser_bytes_max = std::size_t{256} << 10;

/// Reads what the Kubernetes API says of one kind of object: KubernetesPod, KubernetesNode,
/// KubernetesOwned or KubernetesReport.
///
/// All of a list or of an event is refused for one object that cannot be read, and the message
/// names that object: what is left out of a list would count as ended. Refused are text that is no
/// JSON in UTF-8 or goes on behind its end, another kind of list than was asked for (a Status,
/// say), a wrong type in any field that is read, an object without a name, a pod without
/// containers, and a field that is read and stands twice in its object, since readers disagree
/// about which of the two counts and the other would be hidden. Null and absent are the same.
/// Fields that are not read are passed over, however deep and long; only their UTF-8 is checked.
///
/// Keeps its memory from one text to the next. One thread at a time; about 1 GB/s, blocking.
template <class Object>
class KubernetesReader {
 public:
  /// The object may be moved from. What it throws comes through.
  using Visitor = std::function<void(Object&)>;

  explicit KubernetesReader(KubernetesReadOptions options = KubernetesReadOptions());
  ~KubernetesReader();
  KubernetesReader(KubernetesReader&&) noexcept;
  KubernetesReader& operator=(KubernetesReader&&) noexcept;

  /// One page. `visit` is called for each object in order, also for those before a bad one: what it
  /// was given counts only when the page as a whole could be read.
  Result<KubernetesListHead, JsonFailure> read_list(PaddedJson page, const Visitor& visit);

  /// One document of a watch.
  Result<KubernetesEvent<Object>, JsonFailure> read_event(PaddedJson document);

  /// The pages of a list are read, and what comes now is short: the memory of a parser that has
  /// read more than kubernetes_kept_parser_bytes_max at once, several times that, is given back.
  void finish_list();

 private:
  struct Parser;
  KubernetesReadOptions options_;
  std::unique_ptr<Parser> parser_;
};

extern template class KubernetesReader<KubernetesPod>;
extern template class KubernetesReader<KubernetesNode>;
extern template class KubernetesReader<KubernetesOwned>;
extern template class KubernetesReader<KubernetesReport>;

}  // namespace scanclock
