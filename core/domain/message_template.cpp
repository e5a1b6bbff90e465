#include "core/domain/message_template.hpp"

#include <algorithm>
#include <utility>

namespace scanclock {
namespace {

constexpr std::string_view opening = "{{";
constexpr std::string_view closing = "}}";

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) {
    text.remove_prefix(1);
  }
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) {
    text.remove_suffix(1);
  }
  return text;
}

bool is_message_variable(std::string_view name) {
  const auto& known = message_variables();
  return std::any_of(known.begin(), known.end(),
                     [&](const MessageVariable& variable) { return variable.name == name; });
}

std::size_t letters_apart(std::string_view left, std::string_view right) {
  std::vector<std::size_t> row(right.size() + 1);
  for (std::size_t j = 0; j <= right.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 1; i <= left.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= right.size(); ++j) {
      const std::size_t changed = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
    }
  }
  return row.back();
}

std::string hint_for(std::string_view name) {
  constexpr std::size_t typing_errors_max = 3;
  const MessageVariable* nearest = nullptr;
  // A name of which nothing is right is no misspelt one.
  std::size_t least = std::min(typing_errors_max, (name.size() + 1) / 2) + 1;
  // What is longer than any name is no misspelt one.
  for (const MessageVariable& variable : message_variables()) {
    const std::size_t distance = name.size() > 40 ? least : letters_apart(name, variable.name);
    if (distance < least) {
      least = distance;
      nearest = &variable;
    }
  }
  if (nearest != nullptr) {
    return "did you mean {{" + std::string(nearest->name) + "}}?";
  }
  std::string names;
  for (const MessageVariable& variable : message_variables()) {
    names += (names.empty() ? "" : ", ") + std::string(variable.name);
  }
  return "known are " + names;
}

TemplateProblem problem_at(std::size_t offset, std::string message, std::string hint) {
  TemplateProblem problem;
  problem.offset = offset;
  problem.message = std::move(message);
  problem.hint = std::move(hint);
  return problem;
}

/// For an error text: what was written, cut short, with a mark for what is no printable ASCII.
std::string shown_name(std::string_view name) {
  constexpr std::size_t shown_max = 40;
  std::string shown;
  for (const char letter : name.substr(0, shown_max)) {
    shown += letter >= ' ' && letter < '\x7f' ? letter : '?';
  }
  return shown;
}

}  // namespace

const std::vector<MessageVariable>& message_variables() {
  static const std::vector<MessageVariable> variables{
      {"status", "firing, updated, repeated, resolved or superseded"},
      {"severity", "critical, warning or none"},
      {"summary", "one sentence that says what is wrong"},
      {"description", "more of it: the policy, the last scan"},
      {"rule", "the rule's name, such as ScanclockScanOverdue"},
      {"policy", "the policy that the image does not meet"},
      {"image", "the image's name, host/repository:tag"},
      {"digest", "the unique image's digest, sha256:…"},
      {"environment", "such as production"},
      {"owner", "who owns the image, by the settings"},
      {"contact", "how to reach the owner, by the settings"},
      {"started_at", "when the alert began"},
      {"ended_at", "when it ended"},
      {"resolved_reason", "why it ended, such as scanned or not_running"},
      {"deadline_at", "when the image's scan expires, or expired"},
      {"overdue", "how long ago that was, such as 3d 4h"},
      {"remaining", "how long until then"},
      {"last_scan_at", "the end of the newest scan that counts"},
      {"scanner", "what made that scan"},
      {"rejected", "why the newest evidence did not count, and when it came"},
      {"observation", "why nobody can see whether it was scanned since"},
      {"clusters", "the workload sources where it runs"},
      {"workloads", "the workloads that run it, ten at most"},
      {"containers_total", "how many containers run it"},
      {"changed", "what an update changed"},
      {"remediation", "what to do"},
      {"runbook_url", "the rule's runbook"},
      {"url", "the page about the alert"},
      {"group", "the labels that the alerts of a group share"},
      {"firing_count", "how many alerts of the message fire"},
      {"resolved_count", "how many of them ended"},
      {"alerts", "a line an alert, for groups"},
      {"receiver", "the receiver's name"},
  };
  return variables;
}

Result<MessageTemplate, TemplateProblem> MessageTemplate::parse(std::string_view text) {
  if (text.size() > message_template_bytes_max) {
    return problem_at(message_template_bytes_max, "the template is longer than 16 KiB", "");
  }
  MessageTemplate made;
  made.lines_.emplace_back();
  const auto add_text = [&](std::string_view piece) {
    for (;;) {
      const std::size_t end = piece.find('\n');
      if (end != 0 && !piece.empty()) {
        made.lines_.back().push_back({false, std::string(piece.substr(0, end))});
      }
      if (end == std::string_view::npos) {
        return;
      }
      made.lines_.emplace_back();
      piece.remove_prefix(end + 1);
    }
  };
  std::size_t position = 0;
  while (position < text.size()) {
    const std::size_t begin = std::min(text.find(opening, position), text.size());
    add_text(text.substr(position, begin - position));
    if (begin == text.size()) {
      break;
    }
    const std::size_t inside = begin + opening.size();
    const std::size_t end = text.find(closing, inside);
    if (end == std::string_view::npos) {
      return problem_at(begin, "{{ is not closed", "write {{summary}}");
    }
    const std::string_view name = without_blanks(text.substr(inside, end - inside));
    if (!is_message_variable(name)) {
      return problem_at(begin, "{{" + shown_name(name) + "}} is no variable of messages",
                        hint_for(name));
    }
    made.lines_.back().push_back({true, std::string(name)});
    position = end + closing.size();
  }
  return made;
}

std::string MessageTemplate::render(const Values& values, const Escape& escape) const {
  std::string text;
  bool first = true;
  for (const Line& line : lines_) {
    std::string rendered;
    bool names_any = false;
    bool has_any = false;
    for (const Piece& piece : line) {
      if (!piece.is_variable) {
        rendered += piece.text;
        continue;
      }
      names_any = true;
      const auto value = values.find(piece.text);
      if (value != values.end() && !value->second.empty()) {
        has_any = true;
        rendered += escape ? escape(value->second) : value->second;
      }
    }
    if (names_any && !has_any) {
      continue;
    }
    text += (first ? "" : "\n") + rendered;
    first = false;
  }
  return text;
}

}  // namespace scanclock
