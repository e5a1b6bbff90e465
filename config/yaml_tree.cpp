#include "config/yaml_tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>

namespace scanclock {
namespace {

using MutableNode = std::shared_ptr<YamlNode>;

SettingsMark to_mark(const YAML::Mark& mark) {
  return mark.is_null() ? SettingsMark{} : SettingsMark{mark.line + 1, mark.column + 1};
}

struct LimitExceeded {
  SettingsMark mark;
  std::string message;
};

/// Builds the tree from the parser's events, because yaml-cpp's own nodes lose duplicate keys.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const std::string& file, std::vector<SettingsError>& errors)
      : file_(file), errors_(errors) {}

  YamlNode::Pointer root() const { return root_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add_leaf(make_node(YamlNode::Kind::null, mark), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto target = anchors_.find(anchor);
    if (target == anchors_.end()) {
      throw LimitExceeded{to_mark(mark), "an alias refers to the value that it is part of"};
    }
    attach(target->second);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    const MutableNode node = make_node(YamlNode::Kind::scalar, mark);
    node->text = value;
    node->plain = tag == "?";
    add_leaf(node, anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(make_node(YamlNode::Kind::sequence, mark), anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(make_node(YamlNode::Kind::map, mark), anchor);
  }

  void OnMapEnd() override {
    finish_map(*open_.back().node);
    close();
  }

 private:
  struct OpenNode {
    MutableNode node;
    YAML::anchor_t anchor;
    YamlNode::Pointer key;
  };

  MutableNode make_node(YamlNode::Kind kind, const YAML::Mark& mark) {
    if (++nodes_ > settings_nodes_max) {
      throw LimitExceeded{to_mark(mark), "more than " + std::to_string(settings_nodes_max) +
                                             " values, which is no settings file"};
    }
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->mark = to_mark(mark);
    return node;
  }

  void add_leaf(const MutableNode& node, YAML::anchor_t anchor) {
    if (anchor != 0) {
      anchors_[anchor] = node;
    }
    attach(node);
  }

  void open(MutableNode node, YAML::anchor_t anchor) {
    if (open_.size() >= settings_depth_max) {
      throw LimitExceeded{
          node->mark, "nested more than " + std::to_string(settings_depth_max) + " levels deep"};
    }
    open_.push_back(OpenNode{std::move(node), anchor, nullptr});
  }

  void close() {
    const OpenNode done = std::move(open_.back());
    open_.pop_back();
    if (done.anchor != 0) {
      anchors_[done.anchor] = done.node;
    }
    attach(done.node);
  }

  void attach(YamlNode::Pointer node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    OpenNode& parent = open_.back();
    if (parent.node->kind == YamlNode::Kind::sequence) {
      parent.node->items.push_back(std::move(node));
    } else if (!parent.key) {
      parent.key = std::move(node);
    } else {
      parent.node->entries.emplace_back(std::move(parent.key), std::move(node));
      parent.key = nullptr;
    }
  }

  /// Reports keys that come twice and applies merge keys (yaml.org/type/merge.html): a key of the
  /// map itself wins over a merged one, an earlier merged map over a later one.
  void finish_map(YamlNode& node) {
    std::vector<std::pair<YamlNode::Pointer, YamlNode::Pointer>> kept;
    std::vector<YamlNode::Pointer> merged;
    std::map<std::string, SettingsMark> seen;
    for (auto& [key, value] : node.entries) {
      if (key->kind != YamlNode::Kind::scalar) {
        add_error(key->mark, "a key must be a text");
        continue;
      }
      if (key->plain && key->text == "<<") {
        merged.push_back(value);
        continue;
      }
      const auto [place, is_new] = seen.emplace(key->text, key->mark);
      if (!is_new) {
        add_error(key->mark, "\"" + key->text + "\" is set twice; first on line " +
                                 std::to_string(place->second.line));
        continue;
      }
      kept.emplace_back(key, value);
    }
    node.entries = std::move(kept);
    for (const YamlNode::Pointer& source : merged) {
      merge(node, source, seen);
    }
  }

  void merge(YamlNode& node, const YamlNode::Pointer& source,
             std::map<std::string, SettingsMark>& seen) {
    if (source->kind == YamlNode::Kind::sequence) {
      for (const YamlNode::Pointer& item : source->items) {
        merge_map(node, item, seen);
      }
    } else {
      merge_map(node, source, seen);
    }
  }

  void merge_map(YamlNode& node, const YamlNode::Pointer& source,
                 std::map<std::string, SettingsMark>& seen) {
    if (source->kind != YamlNode::Kind::map) {
      add_error(source->mark, "\"<<\" takes a map or a list of maps");
      return;
    }
    for (const auto& entry : source->entries) {
      if (seen.emplace(entry.first->text, entry.first->mark).second) {
        node.entries.push_back(entry);
      }
    }
  }

  void add_error(SettingsMark mark, std::string message) {
    errors_.push_back(SettingsError{file_, mark, std::move(message), {}});
  }

  const std::string& file_;
  std::vector<SettingsError>& errors_;
  std::map<YAML::anchor_t, YamlNode::Pointer> anchors_;
  std::vector<OpenNode> open_;
  YamlNode::Pointer root_;
  std::size_t nodes_ = 0;
};

}  // namespace

YamlNode::Pointer parse_yaml(const std::string& text, const std::string& file,
                             std::vector<SettingsError>& errors) {
  if (text.size() > settings_bytes_max) {
    errors.push_back(SettingsError{file, {}, "larger than 1 MiB, which is no settings file", {}});
    return nullptr;
  }
  TreeBuilder builder(file, errors);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      auto empty = std::make_shared<YamlNode>();
      empty->mark = SettingsMark{1, 1};
      return empty;
    }
    const YamlNode::Pointer root = builder.root();
    TreeBuilder second(file, errors);
    if (parser.HandleNextDocument(second)) {
      errors.push_back(SettingsError{file, second.root() ? second.root()->mark : SettingsMark{},
                                     "a second document; settings are one document",
                                     "remove the line \"---\" between them"});
    }
    return root;
  } catch (const LimitExceeded& failure) {
    errors.push_back(SettingsError{file, failure.mark, failure.message, {}});
  } catch (const YAML::Exception& failure) {
    errors.push_back(
        SettingsError{file, to_mark(failure.mark), "not valid YAML: " + failure.msg, {}});
  }
  return nullptr;
}

}  // namespace scanclock
