#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace scanclock {

using MetricLabels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// Writes the Prometheus text format, version 0.0.4. A family is begun once and its samples follow.
class MetricText {
 public:
  void begin(std::string_view name, std::string_view type, std::string_view help);
  /// A sample of the family begun last. Label values are escaped; no value is in exponent form.
  void sample(MetricLabels labels, double value);

  std::string take() { return std::move(text_); }

 private:
  std::string text_;
  std::string name_;
};

}  // namespace scanclock
