#pragma once

#include "daemon/image_filter.hpp"
#include "daemon/pages/page_frame.hpp"
#include "daemon/pages/top_rows.hpp"

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace scanclock {

/// Worst first: what runs and is overdue or was never scanned, then what else runs, each by
/// deadline.
using ImageRank = std::tuple<int, TimePoint, Digest>;

ImageRank rank_of(const ImageRecord& image);

/// What the parameters of `/images` ask for.
struct ImageListQuestion {
  ImageListQuestion() = default;
  ImageFilter filter;
  std::optional<ImageRank> after;
  /// As they came, for the form and the links.
  std::map<std::string, std::string> query;
};

/// Besides the filter's parameters `after`, where the page before ended.
std::optional<FilterRefusal> read_image_list(const std::map<std::string, std::string>& query,
                                             const Inventory& inventory,
                                             ImageListQuestion& question);

/// Collects one page of images. The caller may pause between images.
class ImageList {
 public:
  explicit ImageList(ImageListQuestion question);

  void add(const ImageRecord& image);
  /// Once, at the end.
  std::string render(PageFrame frame, const Inventory& inventory);

 private:
  Html form(const Inventory& inventory) const;
  std::string path_after(const std::string& after) const;

  ImageListQuestion question_;
  TopRows<ImageRank> rows_;
};

/// Rows as the fleet page shows them, too.
Html image_table(Markup id, std::string_view caption, const Inventory& inventory,
                 const std::vector<const ImageRecord*>& images, TimePoint now,
                 std::string_view empty);

}  // namespace scanclock
