#pragma once

#include "core/net/http_types.hpp"

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// A kind of object that the fake API server serves.
struct KubeResource {
  std::string plural;
  std::string kind;
  /// `v1`, `apps/v1`, ...
  std::string group_version;
  bool namespaced = true;

  /// `/api/v1` or `/apis/GROUP/VERSION`.
  std::string root() const;
  std::string group() const;
};

/// pods, nodes, replicasets, jobs, vulnerabilityreports.
const std::vector<KubeResource>& kube_resources();
const KubeResource* find_kube_resource(std::string_view plural);

/// One version of an object; `json` is compact and has neither kind nor apiVersion, as the items of
/// lists have none. phase and node are for field selectors.
struct KubeObject {
  std::string namespace_name;
  std::string name;
  std::string phase;
  std::string node;
  std::uint64_t resource_version = 0;
  std::shared_ptr<const std::string> json;
};

struct KubeEvent {
  std::string type;
  std::uint64_t resource_version = 0;
  KubeObject object;
  /// As it was before, for watches that no longer, or only now, select it.
  std::optional<KubeObject> before;
};

/// What a list or watch asks for.
struct KubeQuery {
  /// Of `target`, a path with a query; nothing when it names no resource.
  static std::optional<KubeQuery> parse(std::string_view target,
                                        const std::vector<HttpHeader>& headers);

  bool selects(const KubeObject& object) const;
  std::string parameter(const std::string& name) const;

  const KubeResource* resource = nullptr;
  /// Empty: all namespaces.
  std::string namespace_name;
  std::map<std::string, std::string> parameters;
  bool watch = false;
  /// Only metadata was asked for (PartialObjectMetadata).
  bool metadata_only = false;
};

/// An answer in the API server's form.
struct KubeAnswer {
  int status = 200;
  std::string body;
};

/// A Status object; `details` is JSON or empty.
KubeAnswer kube_status(int code, std::string_view reason, std::string_view message,
                       std::string_view details = {});

/// What an API server and its etcd hold: objects, one revision counter for all resources, and the
/// latest events of each resource. No I/O.
class KubeStore {
 public:
  /// Stores `json` (with metadata.name and, where it has one, metadata.namespace) under the next
  /// revision.
  void put(const std::string& resource, std::string_view json);
  /// The same without parsing: `json` must already hold `next_revision()`.
  void put_raw(const std::string& resource, KubeObject object);
  void remove(const std::string& resource, const std::string& namespace_name,
              const std::string& name);
  /// The same without parsing: `last` is the object as its DELETED event shows it, and must already
  /// hold `next_revision()`.
  void remove_raw(const std::string& resource, KubeObject last);

  std::uint64_t revision() const { return revision_; }
  std::uint64_t next_revision() const { return revision_ + 1; }
  /// As after the restoring of a backup: what was said in between is forgotten.
  void turn_back(std::uint64_t revision);
  /// Events up to now are compacted away: watches and continue tokens from before are too old.
  void forget_events();

  KubeAnswer list(const KubeQuery& query) const;
  /// Why a watch may not begin; nothing when it may.
  std::optional<KubeAnswer> refuse_watch(const KubeQuery& query) const;
  /// True when events since then are no longer held.
  bool is_too_old(std::uint64_t revision) const { return revision < oldest_; }
  /// The documents that a watch says first, before events after revision().
  std::vector<std::string> initial_documents(const KubeQuery& query) const;
  /// The documents of the events after `revision` for a watch; `revision` becomes that of the last.
  std::vector<std::string> documents_after(const KubeQuery& query, std::uint64_t& revision) const;
  std::string bookmark(const KubeQuery& query, bool ends_initial_events = false) const;
  std::string expired_document(std::uint64_t revision) const;

  /// Whether `sendInitialEvents` is understood; servers before 1.27 answer 422.
  bool streams_lists = false;

 private:
  struct Shelf {
    std::map<std::string, KubeObject> objects;
    std::deque<KubeEvent> events;
  };
  void record(Shelf& shelf, KubeEvent event);
  std::string document(const KubeQuery& query, std::string_view type,
                       const KubeObject& object) const;

  std::map<std::string, Shelf> shelves_;
  std::uint64_t revision_ = 100;
  std::uint64_t oldest_ = 1;
};

}  // namespace scanclock
