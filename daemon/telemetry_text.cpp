#include "daemon/telemetry_text.hpp"

#include <cmath>
#include <string_view>

namespace scanclock {
namespace {

std::string_view type_name(prometheus::MetricType type) {
  switch (type) {
    case prometheus::MetricType::Counter:
      return "counter";
    case prometheus::MetricType::Gauge:
      return "gauge";
    case prometheus::MetricType::Histogram:
      return "histogram";
    default:
      return "untyped";
  }
}

/// OpenMetrics 1.0, "Considerations: Canonical Numbers": 1.0 and not 1.
std::string bound_text(double bound) {
  std::string text;
  append_number(text, bound);
  if (std::isfinite(bound) && text.find('.') == std::string::npos) {
    text += ".0";
  }
  return text;
}

/// A sample whose labels are known at run time alone; `bound` is the value of `le`.
void append_metric_sample(std::string& text, const std::string& name,
                          const prometheus::ClientMetric& metric, double value,
                          const std::string& bound = {}) {
  text += name;
  char separator = '{';
  for (const prometheus::ClientMetric::Label& label : metric.label) {
    text += separator;
    text.append(label.name).append("=\"");
    append_label_value(text, label.value);
    text += '"';
    separator = ',';
  }
  if (!bound.empty()) {
    text += separator;
    text.append("le=\"").append(bound).append("\"");
    separator = ',';
  }
  if (separator == ',') {
    text += '}';
  }
  text += ' ';
  append_number(text, value);
  text += '\n';
}

void append_histogram(std::string& text, const std::string& name,
                      const prometheus::ClientMetric& metric) {
  bool has_infinity = false;
  for (const prometheus::ClientMetric::Bucket& bucket : metric.histogram.bucket) {
    append_metric_sample(text, name + "_bucket", metric,
                         static_cast<double>(bucket.cumulative_count),
                         bound_text(bucket.upper_bound));
    has_infinity = has_infinity || std::isinf(bucket.upper_bound);
  }
  const auto count = static_cast<double>(metric.histogram.sample_count);
  if (!has_infinity) {
    append_metric_sample(text, name + "_bucket", metric, count, "+Inf");
  }
  append_metric_sample(text, name + "_count", metric, count);
  append_metric_sample(text, name + "_sum", metric, metric.histogram.sample_sum);
}

}  // namespace

void append_families(std::string& text, const std::vector<prometheus::MetricFamily>& families,
                     MetricFormat format) {
  for (const prometheus::MetricFamily& family : families) {
    text += family_header(family.name, type_name(family.type), family.help, format);
    for (const prometheus::ClientMetric& metric : family.metric) {
      if (family.type == prometheus::MetricType::Histogram) {
        append_histogram(text, family.name, metric);
      } else {
        const bool is_counter = family.type == prometheus::MetricType::Counter;
        append_metric_sample(text, family.name, metric,
                             is_counter ? metric.counter.value : metric.gauge.value);
      }
    }
  }
}

}  // namespace scanclock
