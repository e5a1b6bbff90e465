#pragma once

#include "core/domain/history.hpp"
#include "daemon/image_filter.hpp"
#include "daemon/pages/page_frame.hpp"
#include "daemon/pages/page_parts.hpp"
#include "daemon/pages/top_rows.hpp"

#include <map>
#include <optional>
#include <string>
#include <tuple>

namespace scanclock {

/// The worst verdict first, then by source and ID.
using ContainerRank = std::tuple<int, ContainerKey>;

/// What the parameters of `/containers` ask for.
struct ContainerListQuestion {
  ContainerListQuestion() = default;
  PastFilters filters;
  /// Part of the container's name, workload, node or image.
  std::string text;
  std::optional<ContainerRank> after;
};

/// Reads `q`, `verdict`, `source`, `namespace`, `owner` and `after`.
std::optional<FilterRefusal> read_container_list(const std::map<std::string, std::string>& query,
                                                 ContainerListQuestion& question);

/// Collects one page of containers. The caller may pause between containers.
class ContainerList {
 public:
  explicit ContainerList(ContainerListQuestion question);

  void add(const ContainerRecord& container);
  /// Once, at the end.
  std::string render(PageFrame frame, const Inventory& inventory, const SourceBook& sources);

 private:
  bool passes(const ContainerRecord& container) const;
  Html form(const SourceBook& sources) const;
  std::string path_after(const std::string& after) const;

  ContainerListQuestion question_;
  TopRows<ContainerRank> rows_;
};

/// Rows as the pages of an image and an alert show them, too.
Html container_table(std::string_view caption, const SourceBook& sources,
                     const std::vector<const ContainerRecord*>& containers, TimePoint now,
                     std::string_view empty);

}  // namespace scanclock
