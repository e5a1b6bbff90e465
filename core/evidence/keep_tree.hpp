#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace scanclock::evidence {

/// What of a JSON document is kept in memory: the places that any reader looks at. Reports are read
/// for a handful of fields of each finding, and most of their bytes are descriptions, references
/// and packages.
///
/// A place is written as in `Results[].Vulnerabilities[].{Severity,VendorIDs[]}`: `[]` is every
/// element of an array, `*` at the end of a name any name that starts so, `{a,b}` either, `\.` a
/// dot within a name, and `<report>` at the end whatever is kept of a scanner's own report. With
/// `<base64>` at the end a text is kept decoded, and one that is no base64 as empty binary: the
/// encoded text of a large payload never stands in memory beside the payload.
class KeepTree {
 public:
  KeepTree() = default;

  /// Null where nothing of that name is kept.
  const KeepTree* member(std::string_view name) const;
  /// Null where no elements are kept.
  const KeepTree* element() const { return element_.get(); }
  bool is_base64() const { return is_base64_; }
  void add(std::string_view place);

 private:
  struct Member {
    std::string name;
    bool is_prefix = false;
    std::unique_ptr<KeepTree> tree;
  };

  KeepTree& member_to_add(std::string_view name);
  void add_one(std::string_view place);

  std::vector<Member> members_;
  std::unique_ptr<KeepTree> element_;
  bool is_base64_ = false;
};

/// What all formats of format_table() keep, and what names documents that are no scan.
const KeepTree& kept_of_documents();

}  // namespace scanclock::evidence
