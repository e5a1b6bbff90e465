#include "core/workloads/kubernetes_reader.hpp"

#include "core/workloads/kubernetes_decoders.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <string_view>
#include <utility>

namespace scanclock::kubernetes_json {
namespace {

namespace ondemand = simdjson::ondemand;

static_assert(json_padding_bytes >= simdjson::SIMDJSON_PADDING);

/// What a parser that has read a large text holds is given back.
constexpr std::size_t kept_parser_bytes_max = std::size_t{16} << 20;
constexpr std::size_t shown_name_bytes_max = 256;

/// The kinds of an object and of its lists. Servers that know of no metadata-only answers give the
/// whole objects, which do as well.
template <class Target>
constexpr std::array<std::string_view, 0> kinds{};
template <>
constexpr std::array<std::string_view, 1> kinds<KubernetesPod>{"Pod"};
template <>
constexpr std::array<std::string_view, 1> kinds<KubernetesNode>{"Node"};
template <>
constexpr std::array<std::string_view, 3> kinds<KubernetesOwned>{"PartialObjectMetadata",
                                                                 "ReplicaSet", "Job"};
template <>
constexpr std::array<std::string_view, 2> kinds<KubernetesReport>{"VulnerabilityReport",
                                                                  "ClusterVulnerabilityReport"};

constexpr std::string_view list_suffix = "List";

std::string shown_name(std::string_view text) {
  std::string shown(text);
  cut_text(shown, shown_name_bytes_max);
  for (char& character : shown) {
    const auto byte = static_cast<unsigned char>(character);
    character = byte < 0x20 || byte == 0x7F ? '?' : character;
  }
  return shown;
}

template <class Target>
void require_kind(std::string_view kind, std::string_view suffix) {
  const bool is_expected =
      kind.ends_with(suffix) &&
      std::find(kinds<Target>.begin(), kinds<Target>.end(),
                kind.substr(0, kind.size() - suffix.size())) != kinds<Target>.end();
  if (!is_expected) {
    throw UnreadableObject{"is a " + (kind.empty() ? "document without kind" : shown_name(kind)) +
                           ", not a " + std::string(kinds<Target>.front()) + std::string(suffix)};
  }
}

constexpr std::array<Field<KubernetesListHead>, 3> list_metadata_fields{{
    {"resourceVersion", [](JsonWalk&, Value value,
                           KubernetesListHead& head) { read_text(value, head.resource_version); }},
    {"continue", [](JsonWalk&, Value value,
                    KubernetesListHead& head) { read_whole_text(value, head.continue_token); }},
    {"remainingItemCount",
     [](JsonWalk&, Value value, KubernetesListHead& head) {
       head.remaining_item_count = integer_of(value);
     }},
}};

/// What one text is read into.
template <class Target>
struct ListReading {
  const typename KubernetesReader<Target>::Visitor& visit;
  KubernetesListHead head;
  std::string_view kind;
  /// The object that is being read, for messages.
  Target object;
};

template <class Target>
void read_items(JsonWalk& walk, Value value, ListReading<Target>& reading) {
  read_elements(walk, value, [&](Value element) {
    renew(reading.object);
    const std::string_view kind = decode(walk, object_of(element), reading.object);
    if (!kind.empty()) {
      require_kind<Target>(kind, {});
    }
    reading.visit(reading.object);
  });
  reading.object = Target();
}

template <class Target>
constexpr std::array<Field<ListReading<Target>>, 3> list_fields{{
    {"items", read_items<Target>},
    {"kind",
     [](JsonWalk&, Value value, ListReading<Target>& reading) { reading.kind = view_of(value); }},
    {"metadata",
     [](JsonWalk& walk, Value value, ListReading<Target>& reading) {
       read_fields(walk, object_of(value), list_metadata_fields, reading.head);
     }},
}};

KubernetesEventType event_type_of(std::string_view text) {
  constexpr std::array<std::pair<std::string_view, KubernetesEventType>, 5> types{{
      {"ADDED", KubernetesEventType::added},
      {"MODIFIED", KubernetesEventType::modified},
      {"DELETED", KubernetesEventType::deleted},
      {"BOOKMARK", KubernetesEventType::bookmark},
      {"ERROR", KubernetesEventType::error},
  }};
  for (const auto& [name, type] : types) {
    if (name == text) {
      return type;
    }
  }
  throw UnreadableObject{"is no type of event: " + shown_name(text)};
}

struct Bookmark {
  std::string resource_version;
  bool ends_initial_events = false;
  std::string_view kind;
};

constexpr std::array<Field<Bookmark>, 1> bookmark_annotation_fields{{
    {"k8s.io/initial-events-end",
     [](JsonWalk&, Value value, Bookmark& bookmark) {
       bookmark.ends_initial_events = view_of(value) == "true";
     }},
}};

constexpr std::array<Field<Bookmark>, 2> bookmark_metadata_fields{{
    {"resourceVersion", [](JsonWalk&, Value value,
                           Bookmark& bookmark) { read_text(value, bookmark.resource_version); }},
    {"annotations",
     [](JsonWalk& walk, Value value, Bookmark& bookmark) {
       read_fields(walk, object_of(value), bookmark_annotation_fields, bookmark);
     }},
}};

constexpr std::array<Field<Bookmark>, 2> bookmark_fields{{
    {"kind", [](JsonWalk&, Value value, Bookmark& bookmark) { bookmark.kind = view_of(value); }},
    {"metadata",
     [](JsonWalk& walk, Value value, Bookmark& bookmark) {
       read_fields(walk, object_of(value), bookmark_metadata_fields, bookmark);
     }},
}};

template <class Target>
struct EventReading {
  KubernetesEvent<Target> event;
  bool has_type = false;
  bool has_object = false;
};

template <class Target>
void read_event_object(JsonWalk& walk, Value value, EventReading<Target>& reading) {
  KubernetesEvent<Target>& event = reading.event;
  // The server writes the type first; should something write the object first, the text is read
  // once more with the type known.
  if (!reading.has_type || reading.has_object) {
    return;
  }
  reading.has_object = true;
  Object json = object_of(value);
  if (event.type == KubernetesEventType::error) {
    const auto status = parse_kubernetes_status(std::string_view(json.raw_json()));
    if (!status) {
      throw UnreadableObject{"is no Status"};
    }
    event.status = *status;
    return;
  }
  if (event.type == KubernetesEventType::bookmark) {
    Bookmark bookmark;
    read_fields(walk, json, bookmark_fields, bookmark);
    require_kind<Target>(bookmark.kind, {});
    event.resource_version = std::move(bookmark.resource_version);
    event.ends_initial_events = bookmark.ends_initial_events;
  } else {
    require_kind<Target>(decode(walk, json, event.object), {});
    event.resource_version = event.object.resource_version;
  }
  if (event.resource_version.empty()) {
    throw UnreadableObject{"has no metadata.resourceVersion"};
  }
}

template <class Target>
constexpr std::array<Field<EventReading<Target>>, 2> event_fields{{
    {"type",
     [](JsonWalk&, Value value, EventReading<Target>& reading) {
       reading.event.type = event_type_of(view_of(value));
       reading.has_type = true;
     }},
    {"object", read_event_object<Target>},
}};

void require_end(ondemand::document& document) {
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    throw UnreadableObject{"has more text behind its end"};
  }
}

/// `items[3].spec.containers[0].image of pod team/front-1 is no string`.
JsonFailure failure_at(const JsonWalk& walk, const KubernetesObject& object,
                       const std::string& what) {
  std::string subject = shown_name(walk.path());
  if (!object.name.empty()) {
    subject += (subject.empty() ? "" : " of ") + std::string("object ");
    subject += object.namespace_name.empty() ? "" : shown_name(object.namespace_name) + "/";
    subject += shown_name(object.name);
  }
  return JsonFailure((subject.empty() ? "the text" : subject) + " " + what);
}

}  // namespace
}  // namespace scanclock::kubernetes_json

namespace scanclock {

template <class Target>
struct KubernetesReader<Target>::Parser {
  simdjson::ondemand::parser json;

  /// Calls `read` and makes a failure of what the text is refused for.
  template <class Read>
  std::optional<JsonFailure> guard(const kubernetes_json::JsonWalk& walk,
                                   const KubernetesObject& object, const Read& read) {
    std::optional<JsonFailure> failure;
    try {
      read();
    } catch (const kubernetes_json::UnreadableObject& unreadable) {
      failure = kubernetes_json::failure_at(walk, object, unreadable.what);
    } catch (const simdjson::simdjson_error& error) {
      if (error.error() == simdjson::MEMALLOC) {
        throw std::bad_alloc();
      }
      failure = kubernetes_json::failure_at(
          walk, object,
          std::string("is not valid json in utf-8: ") + simdjson::error_message(error.error()));
    }
    if (json.capacity() > kubernetes_json::kept_parser_bytes_max) {
      json = simdjson::ondemand::parser();
    }
    return failure;
  }

  simdjson::ondemand::document open(PaddedJson text) {
    return json.iterate(
        simdjson::padded_string_view(text.text(), text.text().size() + simdjson::SIMDJSON_PADDING));
  }
};

template <class Target>
KubernetesReader<Target>::KubernetesReader(KubernetesReadOptions options)
    : options_(std::move(options)), parser_(std::make_unique<Parser>()) {}

template <class Target>
KubernetesReader<Target>::~KubernetesReader() = default;
template <class Target>
KubernetesReader<Target>::KubernetesReader(KubernetesReader&&) noexcept = default;
template <class Target>
KubernetesReader<Target>& KubernetesReader<Target>::operator=(KubernetesReader&&) noexcept =
    default;

template <class Target>
Result<KubernetesListHead, JsonFailure> KubernetesReader<Target>::read_list(PaddedJson page,
                                                                            const Visitor& visit) {
  kubernetes_json::JsonWalk walk(options_);
  kubernetes_json::ListReading<Target> reading{visit, {}, {}, {}};
  auto failure = parser_->guard(walk, reading.object, [&] {
    simdjson::ondemand::document document = parser_->open(page);
    const std::uint32_t seen = kubernetes_json::read_fields(
        walk, document.get_object(), kubernetes_json::list_fields<Target>, reading);
    kubernetes_json::require_end(document);
    kubernetes_json::require_kind<Target>(reading.kind, kubernetes_json::list_suffix);
    // Null is how Go writes an empty list; without the field it is no list.
    if ((seen & 1U) == 0) {
      throw kubernetes_json::UnreadableObject{"has no items"};
    }
    if (reading.head.resource_version.empty()) {
      throw kubernetes_json::UnreadableObject{"has no metadata.resourceVersion"};
    }
  });
  if (failure) {
    return std::move(*failure);
  }
  return std::move(reading.head);
}

template <class Target>
Result<KubernetesEvent<Target>, JsonFailure> KubernetesReader<Target>::read_event(
    PaddedJson document) {
  kubernetes_json::JsonWalk walk(options_);
  kubernetes_json::EventReading<Target> reading;
  auto failure = parser_->guard(walk, reading.event.object, [&] {
    simdjson::ondemand::document json = parser_->open(document);
    const std::uint32_t seen = kubernetes_json::read_fields(
        walk, json.get_object(), kubernetes_json::event_fields<Target>, reading);
    kubernetes_json::require_end(json);
    if (reading.has_type && !reading.has_object && seen == 3) {
      json.rewind();
      kubernetes_json::read_fields(walk, json.get_object(), kubernetes_json::event_fields<Target>,
                                   reading);
    }
    if (!reading.has_type || !reading.has_object) {
      throw kubernetes_json::UnreadableObject{"is no event: it has no type or no object"};
    }
  });
  if (failure) {
    return std::move(*failure);
  }
  return std::move(reading.event);
}

template <class Target>
void KubernetesReader<Target>::finish_list() {
  if (parser_->json.capacity() > kubernetes_kept_parser_bytes_max) {
    parser_->json = simdjson::ondemand::parser();
  }
}

template class KubernetesReader<KubernetesPod>;
template class KubernetesReader<KubernetesNode>;
template class KubernetesReader<KubernetesOwned>;
template class KubernetesReader<KubernetesReport>;

}  // namespace scanclock
