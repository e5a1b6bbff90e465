#pragma once

#include <string>
#include <vector>

namespace scanclock {

/// Left-aligned columns, two blanks apart, as wide as their widest cell: nothing is ever cut.
/// Empty cells show as `-`, so that columns stay readable by awk and by people. Control
/// characters, which come from strangers' images, show as `?`.
class Table {
 public:
  explicit Table(std::vector<std::string> header);

  /// As many cells as the header has.
  void add(std::vector<std::string> row);
  bool empty() const { return rows_.size() == 1; }
  std::string text() const;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace scanclock
