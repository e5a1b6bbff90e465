#include "cli/json_fields.hpp"
#include "cli/render.hpp"
#include "cli/table.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace scanclock {
namespace {

using nlohmann::json;

std::string known_moment(const json& moment, TimePoint now) {
  return moment.is_null() ? "unknown" : describe_moment(moment, now);
}

std::string comma_separated(const json& words) {
  std::string text;
  for (const json& word : words) {
    text += (text.empty() ? "" : ", ") + (word.is_string() ? word.get<std::string>() : word.dump());
  }
  return text;
}

std::string headline(const json& image, TimePoint now) {
  std::string text = text_of(image, "asset_id") + "\n";
  const auto line = [&text](const std::string& name, const std::string& value) {
    text += value.empty() ? "" : "  " + name + ": " + value + "\n";
  };
  line("digest", text_of(image, "digest"));
  line("state", in_words(text_of(image, "state")) + ", " +
                    describe_deadline(field_of(image, "deadline_at"), now));
  line("running", flag_of(image, "running") ? "yes" : "no");
  line("platform", text_of(image, "platform"));
  line("environment", text_of(image, "environment"));
  line("owner", text_of(image, "owner"));
  line("config", text_of(image, "config_digest"));
  line("indexes", comma_separated(field_of(image, "index_digests")));
  const json& observation = field_of(image, "observation");
  const std::string reason = text_of(observation, "reason");
  line("observed",
       in_words(text_of(observation, "status")) + (reason.empty() ? "" : ": " + reason));
  return text;
}

std::string image_policies(const json& policies, TimePoint now) {
  Table table({"POLICY", "VERSION", "STATE", "DEADLINE", "BINDS"});
  for (const json& policy : policies) {
    table.add({text_of(policy, "name"), text_of(policy, "version"),
               in_words(text_of(policy, "state")),
               describe_deadline(field_of(policy, "deadline_at"), now),
               flag_of(policy, "bound") ? "yes" : "no"});
  }
  return table.empty() ? "no policies\n" : table.text();
}

std::string image_places(const json& locations, TimePoint now) {
  Table table({"REGISTRY", "REPOSITORY", "TAGS", "ENVIRONMENT", "ENTRY", "ENTRY BY", "REMOVED"});
  for (const json& location : locations) {
    const json& removed = field_of(location, "removed_at");
    table.add({text_of(location, "registry"),
               text_of(location, "host") + "/" + text_of(location, "repository"),
               comma_separated(field_of(location, "tags")), text_of(location, "environment"),
               describe_moment(field_of(location, "entry_at"), now),
               in_words(text_of(location, "entry_basis")),
               removed.is_null() ? "" : describe_moment(removed, now)});
  }
  return table.empty() ? "no places\n" : table.text();
}

std::string database_age_text(const json& evidence) {
  const json& age = field_of(evidence, "database_age_seconds");
  return age.is_number_integer() ? describe_duration(std::chrono::seconds(age.get<std::int64_t>()))
                                 : "unknown";
}

/// `1 critical, 2 high`; nothing but `none` where all are zero.
std::string found_text(const json& evidence) {
  std::string text;
  for (const char* const severity : {"critical", "high", "medium", "low", "unknown"}) {
    const std::string count = text_of(evidence, severity);
    if (!count.empty() && count != "0") {
      text += (text.empty() ? "" : ", ") + count + " " + severity;
    }
  }
  return text.empty() ? "none" : text;
}

std::string says_so(const json& evidence) {
  std::string text = text_of(evidence, "source") + ", " + in_words(text_of(evidence, "origin"));
  const std::string repository = text_of(evidence, "repository");
  return repository.empty() ? text : text + ", " + repository;
}

/// The digests that it names, or that of the place where it is attached.
std::string about_text(const json& evidence) {
  std::string text;
  for (const json& subject : field_of(evidence, "subjects")) {
    text += (text.empty() ? "" : ", ") +
            (subject.is_string() ? short_digest(subject.get<std::string>()) : subject.dump());
  }
  const std::string attached = short_digest(text_of(evidence, "attached_to"));
  return attached.empty() ? text : text + (text.empty() ? "" : ", ") + "attached to " + attached;
}

std::string image_evidence(const json& evidence, TimePoint now) {
  Table table({"VERDICT", "FINISHED", "SCANNER", "DATABASE AGE", "TRUST", "SIGNATURE", "FOUND",
               "SAID BY", "ABOUT", "COLLECTED", "EVIDENCE", "WHY"});
  for (const json& item : evidence) {
    const json& signature = field_of(item, "signature");
    const std::string detail = text_of(signature, "detail");
    table.add({flag_of(item, "accepted") ? "accepted" : "rejected",
               known_moment(field_of(item, "finished_at"), now),
               text_of(item, "scanner") + " " + text_of(item, "scanner_version"),
               database_age_text(item), text_of(item, "trust"),
               in_words(text_of(signature, "state")) + (detail.empty() ? "" : ": " + detail),
               found_text(item), says_so(item), about_text(item),
               describe_moment(field_of(item, "collected_at"), now),
               short_digest(text_of(item, "evidence_digest")), text_of(item, "why")});
  }
  return table.empty() ? "no evidence\n" : table.text();
}

}  // namespace

std::string render_image(const json& image, TimePoint now) {
  return headline(image, now) + "\nPOLICIES\n" + image_policies(field_of(image, "policies"), now) +
         "\nEVIDENCE\n" + image_evidence(field_of(image, "evidence"), now) + "\nCONTAINERS\n" +
         render_containers(field_of(image, "containers"), now) + "\nPLACES\n" +
         image_places(field_of(image, "locations"), now) + "\nALERTS\n" +
         render_alerts(field_of(image, "alerts"), now);
}

}  // namespace scanclock
