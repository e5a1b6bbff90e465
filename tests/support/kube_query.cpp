#include "core/net/url.hpp"
#include "tests/support/kube_store.hpp"

namespace scanclock {
namespace {

std::vector<std::string> split_text(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  }
  return parts;
}

std::string selected_field(const KubeObject& object, const std::string& path) {
  if (path == "status.phase") {
    return object.phase;
  }
  if (path == "spec.nodeName") {
    return object.node;
  }
  if (path == "metadata.name") {
    return object.name;
  }
  return path == "metadata.namespace" ? object.namespace_name : std::string();
}

bool matches_term(const KubeObject& object, const std::string& term) {
  const auto unequal = term.find("!=");
  if (unequal != std::string::npos) {
    return selected_field(object, term.substr(0, unequal)) != term.substr(unequal + 2);
  }
  const auto equal = term.find('=');
  const auto value = term.find_first_not_of('=', equal);
  return selected_field(object, term.substr(0, equal)) ==
         (value == std::string::npos ? std::string() : term.substr(value));
}

/// `PLURAL` or `namespaces/NAMESPACE/PLURAL`, below the root of the resource's group.
bool takes_path(const KubeResource& resource, std::string_view path, std::string& namespace_name) {
  const std::string root = resource.root() + "/";
  if (!path.starts_with(root)) {
    return false;
  }
  const std::vector<std::string> parts = split_text(path.substr(root.size()), '/');
  if (parts.size() == 1) {
    return parts[0] == resource.plural;
  }
  if (parts.size() == 3 && parts[0] == "namespaces" && parts[2] == resource.plural) {
    namespace_name = percent_decode(parts[1]).value_or(parts[1]);
    return resource.namespaced;
  }
  return false;
}

}  // namespace

std::optional<KubeQuery> KubeQuery::parse(std::string_view target,
                                          const std::vector<HttpHeader>& headers) {
  KubeQuery query;
  const auto mark = target.find('?');
  const std::string_view path = target.substr(0, mark);
  for (const KubeResource& resource : kube_resources()) {
    if (takes_path(resource, path, query.namespace_name)) {
      query.resource = &resource;
    }
  }
  if (query.resource == nullptr) {
    return std::nullopt;
  }
  if (mark != std::string_view::npos) {
    for (const std::string& part : split_text(target.substr(mark + 1), '&')) {
      const auto equal = part.find('=');
      const std::string value = equal == std::string::npos ? "" : part.substr(equal + 1);
      query.parameters[part.substr(0, equal)] = percent_decode(value).value_or(value);
    }
  }
  const std::string watch = query.parameter("watch");
  query.watch = watch == "1" || watch == "true";
  const auto accept = find_header(headers, "Accept");
  query.metadata_only = accept && accept->find("as=PartialObjectMetadata") != std::string::npos;
  return query;
}

bool KubeQuery::selects(const KubeObject& object) const {
  if (!namespace_name.empty() && object.namespace_name != namespace_name) {
    return false;
  }
  for (const std::string& term : split_text(parameter("fieldSelector"), ',')) {
    if (!matches_term(object, term)) {
      return false;
    }
  }
  return true;
}

std::string KubeQuery::parameter(const std::string& name) const {
  const auto found = parameters.find(name);
  return found == parameters.end() ? std::string() : found->second;
}

}  // namespace scanclock
