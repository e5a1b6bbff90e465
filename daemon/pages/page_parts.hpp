#pragma once

#include "core/domain/container_record.hpp"
#include "core/domain/time.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock {

/// Rows shown of each table; the API has the rest.
inline constexpr std::size_t table_rows_max = 200;

/// Pieces of the pages. All that takes text escapes it; `rows` of table() are made of cells.

/// Up to the beginning of the main part.
std::string page_head(std::string_view title, TimePoint now);
/// From the end of the main part.
std::string page_foot();

std::string cell(std::string_view text);
/// For texts without blanks, such as URLs, which would stretch the table.
std::string long_cell(std::string_view text);
/// A word that is coloured by what it says; see status_page_style().
std::string badge(std::string_view text);
/// The image of a container as the user wrote it, with what its runtime printed below.
std::string image_cell(const ContainerRecord& container);
/// `in 3d` or `2h ago`, with the time itself beside it.
std::string time_cell(TimePoint time, TimePoint now);
/// A section with the caption as its heading; the text of `empty` where there is no row.
std::string table(std::string_view caption, const std::vector<std::string_view>& columns,
                  const std::vector<std::string>& rows, std::string_view empty);

}  // namespace scanclock
