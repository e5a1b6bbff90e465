#include "daemon/image_series.hpp"

#include "core/domain/views.hpp"

#include <optional>
#include <set>
#include <tuple>

namespace scanclock {
namespace {

enum FamilyOrder : std::size_t {
  order_deadline,
  order_last_scan,
  order_info,
  order_alias,
  order_workload
};

using FourLabels =
    std::tuple<std::string_view, std::string_view, std::string_view, std::string_view>;

double series_seconds(TimePoint time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

void append_clocks(ImageSeriesTexts& texts, const Inventory& inventory, const ImageRecord& image) {
  const auto& families = image_family_texts();
  const std::string& digest = image.digest.str();
  append_sample(texts[order_deadline], families[order_deadline].name, {{"digest", digest}},
                series_seconds(image.deadline_at));
  const EvidenceRecord* scan = image.last_scan ? inventory.evidence(*image.last_scan) : nullptr;
  const std::optional<TimePoint> finished_at =
      scan == nullptr ? std::nullopt : scan->evidence.report.finished_at;
  append_sample(texts[order_last_scan], families[order_last_scan].name, {{"digest", digest}},
                finished_at ? series_seconds(*finished_at) : 0);
}

void append_info(std::string& text, const Inventory& inventory, const ImageRecord& image) {
  // Two entries of the settings may name one registry.
  std::set<FourLabels> places;
  for (const auto& [key, location] : image.locations) {
    if (location.removed_at) {
      continue;
    }
    if (location.tags.empty()) {
      places.emplace(location.host, key.repository, "", location.environment);
    }
    for (const std::string& tag : location.tags) {
      places.emplace(location.host, key.repository, tag, location.environment);
    }
  }
  const std::string asset = asset_id(image);
  const Manifest* manifest = inventory.graph().find(image.digest);
  const std::string platform = manifest == nullptr ? "" : to_string(manifest->platform);
  for (const auto& [host, repository, tag, environment] : places) {
    append_sample(text, image_family_texts()[order_info].name,
                  {{"digest", image.digest.str()},
                   {"asset_id", asset},
                   {"registry", host},
                   {"repository", repository},
                   {"tag", tag},
                   {"platform", platform},
                   {"environment", environment},
                   {"owner", image.owner}},
                  1);
  }
}

void append_aliases(std::string& text, const Inventory& inventory, const ImageRecord& image) {
  const std::string& digest = image.digest.str();
  const auto append = [&](std::string_view alias, std::string_view kind) {
    append_sample(text, image_family_texts()[order_alias].name,
                  {{"digest", digest}, {"alias", alias}, {"kind", kind}}, 1);
  };
  append(digest, "manifest");
  const Digest content = inventory.graph().content_key(image.digest);
  if (content != image.digest) {
    append(content.str(), "config");
  }
  for (const Digest& index : inventory.graph().indexes_above(image.digest)) {
    append(index.str(), "index");
  }
}

std::size_t append_workloads(std::string& text, const Inventory& inventory,
                             const ImageRecord& image) {
  // What was printed about the image may differ among containers of one workload.
  std::set<FourLabels> users;
  for (const ImageGroup* group : inventory.groups_of(image.digest)) {
    for (const auto& [place, workload] : group->workloads) {
      std::string_view name_before;
      for (const ContainerRecord& container : workload.members) {
        if (container.name() != name_before || &container == &workload.members.front()) {
          users.emplace(container.source(), container.namespace_name(), container.workload(),
                        container.name());
          name_before = container.name();
        }
      }
    }
  }
  std::size_t written = 0;
  for (const auto& [source, namespace_name, workload, name] : users) {
    if (written == image_workload_series_max) {
      break;
    }
    ++written;
    append_sample(text, image_family_texts()[order_workload].name,
                  {{"source", source},
                   {"namespace", namespace_name},
                   {"workload", workload},
                   {"container", name},
                   {"digest", image.digest.str()}},
                  1);
  }
  return users.size() - written;
}

}  // namespace

const std::array<ImageFamily, image_families>& image_family_texts() {
  static const std::array<ImageFamily, image_families> texts{{
      {"scanclock_image_scan_deadline_timestamp_seconds",
       "Last moment at which the running image is within its scan window; for a never-scanned one "
       "the moment it became non-compliant."},
      {"scanclock_image_last_scan_timestamp_seconds",
       "End of the newest accepted scan of the running image; 0 for never."},
      {"scanclock_image_info", "Always 1; one for each place and tag of a running image."},
      {"scanclock_image_alias_info",
       "Always 1; the digests that stand for a running image, for joins with kube-state-metrics."},
      {"scanclock_workload_image_info",
       "Always 1; which containers run the image. Replicas share a series."},
  }};
  return texts;
}

std::size_t append_image_series(ImageSeriesTexts& texts, const Inventory& inventory,
                                const ImageRecord& image) {
  append_clocks(texts, inventory, image);
  append_info(texts[order_info], inventory, image);
  append_aliases(texts[order_alias], inventory, image);
  return append_workloads(texts[order_workload], inventory, image);
}

}  // namespace scanclock
