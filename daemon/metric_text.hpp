#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace scanclock {

/// The Prometheus text format 0.0.4, or OpenMetrics 1.0. Their samples are written the same way,
/// so that a series is the same in both.
enum class MetricFormat { text, openmetrics };

/// What an Accept header asks for: OpenMetrics only where it is named and not wanted less.
MetricFormat choose_metric_format(std::optional<std::string_view> accept);

std::string_view content_type_of(MetricFormat format);

/// Stands behind everything else; only OpenMetrics has one.
std::string_view metric_page_end(MetricFormat format);

using MetricLabels = std::initializer_list<std::pair<std::string_view, std::string_view>>;

/// A longer label value is cut and bears a hash of the whole, so that it stays one of its kind.
inline constexpr std::size_t label_bytes_max = 1024;

/// The value as a label may hold it: valid UTF-8 without control characters, within
/// label_bytes_max. One bad value would cost Prometheus the whole page.
std::string clean_label(std::string_view value);

/// What stands before the samples of a family. A counter is named with its `_total`, which
/// OpenMetrics leaves out here; a unit is told where the name ends in one.
std::string family_header(std::string_view name, std::string_view type, std::string_view help,
                          MetricFormat format);

/// One line. Label values are escaped and cleaned; no value is in exponent form.
void append_sample(std::string& text, std::string_view name, MetricLabels labels, double value);
void append_label_value(std::string& text, std::string_view value);
void append_number(std::string& text, double value);

/// Writes families one after the other: each is begun once and its samples follow.
class MetricText {
 public:
  explicit MetricText(MetricFormat format) : format_(format) {}

  void begin(std::string_view name, std::string_view type, std::string_view help);
  /// A sample of the family begun last.
  void sample(MetricLabels labels, double value) { append_sample(text_, name_, labels, value); }

  MetricFormat format() const { return format_; }
  std::string& text() { return text_; }
  std::string take() { return std::move(text_); }

 private:
  MetricFormat format_;
  std::string text_;
  std::string name_;
};

}  // namespace scanclock
