#pragma once

#include "core/domain/alert.hpp"
#include "core/domain/container_record.hpp"
#include "core/domain/inventory.hpp"
#include "core/domain/source_book.hpp"
#include "core/domain/time.hpp"
#include "daemon/pages/html.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace scanclock {

/// Rows of one page of a list.
inline constexpr std::size_t page_rows = 100;

/// Pieces that the pages share.

/// `2026-11-22 06:30:12`, in an element that names it for programs.
Html moment(TimePoint time);
/// The same with `(in 3d 4h)` or `(2h ago)` beside it.
Html moment(TimePoint time, TimePoint now);
/// The words of `absent` where there is no time.
Html moment(const std::optional<TimePoint>& time, TimePoint now, std::string_view absent);
/// `in 3d 4h`, `2h ago` or `now`.
std::string distance(TimePoint time, TimePoint now);

/// `never scanned` for `never_scanned`.
std::string spoken_word(std::string_view word);
/// A word such as `never_scanned`, with a class of its name for the colour and blanks for
/// underscores.
Html badge(std::string_view word);
/// The same for what was concluded before its sources fell silent: never in the colours of what is
/// known to be right.
Html doubted_badge(std::string_view word, std::string_view doubt);

Html link_to(const std::string& path, std::string_view text);
std::string image_path(const Digest& digest);
std::string alert_path(const std::string& id);
std::string source_path(const std::string& name);

/// A path with the parameters that are not empty.
std::string path_with(std::string_view path,
                      const std::vector<std::pair<std::string, std::string>>& parameters);

/// The asset id as a link, with digest and platform below.
Html image_name(const Inventory& inventory, const ImageRecord& image);
/// A state that nobody vouches for at present is marked so.
Html image_state(const Inventory& inventory, const ImageRecord& image);
/// The verdict, doubted where the source does not answer.
Html container_verdict(const SourceBook& sources, const ContainerRecord& container);
/// The reference as the user wrote it, with what the runtime printed below.
Html container_image(const ContainerRecord& container);
/// `blind`, `failing`, `not asked yet` or `ok`.
Html source_state(const SourceBook& sources, const SourceStatus& source, TimePoint now);

/// The summary of an alert, or what stands for it.
std::string summary_of(const Alert& alert);

/// A table whose rows become cards on a narrow screen, which keep their meaning as a table. The
/// first cell of a row is its heading.
class Table {
 public:
  /// `id` is unique on the page; `caption` says what the rows are.
  Table(Markup id, std::string_view caption, std::vector<Markup> columns);

  Table& row();
  Table& row(std::string_view id);
  Table& cell(const Html& content);
  Table& cell(std::string_view text) { return cell(plain(text)); }
  bool empty() const { return rows_ == 0; }

  /// The table, or a paragraph with `empty` where there is no row.
  Html html(std::string_view empty);

 private:
  Html head_;
  Html body_;
  std::vector<Markup> columns_;
  std::size_t rows_ = 0;
  std::size_t column_ = 0;
};

/// Pairs of a term and what it is.
class Facts {
 public:
  Facts& fact(Markup term, const Html& value);
  /// Left out where it is empty.
  Facts& fact(Markup term, std::string_view value);
  Html html() const;

 private:
  Html body_;
};

/// A form of a GET request, which works without scripts.
class FilterForm {
 public:
  FilterForm(Markup path, Markup label);
  FilterForm& search(Markup name, Markup label, std::string_view value, Markup hint);
  FilterForm& text(Markup name, Markup label, std::string_view value);
  /// The values and what is shown for each; the first stands for any.
  FilterForm& choice(Markup name, Markup label, std::string_view value,
                     const std::vector<std::pair<std::string, std::string>>& choices);
  Html html() const;

 private:
  Html body_;
  Markup path_;
};

/// `12,345`.
std::string grouped_number(std::uint64_t number);

/// Where a page of a list stands among all.
struct ListPlace {
  std::size_t matches = 0;
  /// How many stand on pages before.
  std::size_t before = 0;
  std::size_t shown = 0;
  /// Empty where there is none.
  std::string first_path;
  std::string next_path;
};

/// `101–200 of 5,312`, with links to the first and the next page.
Html list_navigation(const ListPlace& place, Markup label);

}  // namespace scanclock
