#include "daemon/metric_text.hpp"

#include "daemon/telemetry_text.hpp"

#include <gtest/gtest.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <limits>
#include <set>
#include <string>

namespace scanclock {
namespace {

TEST(MetricFormatChoice, OpenMetricsIsGivenToThoseWhoNameIt) {
  const std::pair<const char*, MetricFormat> cases[] = {
      {"application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
       "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       MetricFormat::openmetrics},
      {"application/openmetrics-text", MetricFormat::openmetrics},
      {"application/openmetrics-text; version=0.0.1", MetricFormat::text},
      {"application/openmetrics-text;version=1.0.0;q=0", MetricFormat::text},
      {"application/openmetrics-text;version=1.0.0;q=0.3, text/plain;q=0.9", MetricFormat::text},
      {"text/html,application/xhtml+xml,*/*;q=0.8", MetricFormat::text},
      {"*/*", MetricFormat::text},
      {"", MetricFormat::text},
  };
  for (const auto& [accept, expected] : cases) {
    EXPECT_EQ(choose_metric_format(accept), expected) << accept;
  }
  EXPECT_EQ(choose_metric_format(std::nullopt), MetricFormat::text);
}

TEST(MetricText, AFamilyHasItsHeaderOnce) {
  MetricText text(MetricFormat::text);
  text.begin("x_timestamp_seconds", "gauge", "When x was.");
  text.sample({{"a", "1"}}, 1790000000.25);
  text.sample({}, 0);
  EXPECT_EQ(text.take(),
            "# HELP x_timestamp_seconds When x was.\n# TYPE x_timestamp_seconds gauge\n"
            "x_timestamp_seconds{a=\"1\"} 1790000000.25\nx_timestamp_seconds 0\n");
}

TEST(MetricText, OpenMetricsTellsUnitsAndNamesCountersWithoutTotal) {
  EXPECT_EQ(family_header("x_total", "counter", "X.", MetricFormat::openmetrics),
            "# HELP x X.\n# TYPE x counter\n");
  EXPECT_EQ(family_header("x_total", "counter", "X.", MetricFormat::text),
            "# HELP x_total X.\n# TYPE x_total counter\n");
  EXPECT_EQ(family_header("x_seconds", "gauge", "X.", MetricFormat::openmetrics),
            "# HELP x_seconds X.\n# TYPE x_seconds gauge\n# UNIT x_seconds seconds\n");
  EXPECT_EQ(family_header("x_milliseconds", "gauge", "X.", MetricFormat::openmetrics),
            "# HELP x_milliseconds X.\n# TYPE x_milliseconds gauge\n");
}

TEST(MetricText, LabelValuesAreEscaped) {
  std::string text;
  append_sample(text, "x", {{"a", "say \"no\"\\\n"}, {"b", "größe"}}, 1);
  EXPECT_EQ(text, "x{a=\"say \\\"no\\\"\\\\\\n\",b=\"größe\"} 1\n");
}

TEST(MetricText, NumbersHaveNoExponent) {
  const std::pair<double, const char*> cases[] = {
      {1e20, "100000000000000000000"},
      {1e-7, "0.0000001"},
      {-1.5, "-1.5"},
      {std::numeric_limits<double>::infinity(), "+Inf"},
      {-std::numeric_limits<double>::infinity(), "-Inf"},
      {std::numeric_limits<double>::quiet_NaN(), "NaN"},
  };
  for (const auto& [number, expected] : cases) {
    std::string text;
    append_number(text, number);
    EXPECT_EQ(text, expected);
  }
}

TEST(CleanLabel, WhatIsValidStaysAsItIs) {
  for (const char* value : {"", "team/app", "größe", "日本", "\xF0\x9F\x90\x8B", "a\nb"}) {
    EXPECT_EQ(clean_label(value), value);
  }
}

TEST(CleanLabel, WhatPrometheusWouldRefuseIsReplacedAndStaysOneOfItsKind) {
  const std::string_view broken[] = {
      "\xFF",
      "a\xC3",
      "\xC0\xAF",
      "\xED\xA0\x80",
      "\xF4\x90\x80\x80",
      std::string_view("a\0b", 3),
      "bell\x07",
      "\x7F",
      "\xE2\x82",
      "\x80\x80",
  };
  std::set<std::string> cleaned;
  for (const std::string_view value : broken) {
    const std::string clean = clean_label(value);
    EXPECT_NE(clean.find("\xEF\xBF\xBD"), std::string::npos);
    EXPECT_EQ(clean_label(clean), clean) << "clean once is clean for ever";
    EXPECT_TRUE(cleaned.insert(clean).second);
  }
  EXPECT_NE(clean_label("\xFF"), clean_label("\xFE")) << "two values never become one";
}

TEST(CleanLabel, ALongValueIsCutBetweenCharactersAndBearsAHash) {
  std::string value;
  while (value.size() < 5 * label_bytes_max) {
    value += "ü";
  }
  const std::string clean = clean_label(value);
  EXPECT_LE(clean.size(), label_bytes_max + 17);
  EXPECT_EQ(clean_label(clean.substr(0, label_bytes_max)), clean.substr(0, label_bytes_max));
  EXPECT_NE(clean, clean_label(value + "x"));
}

class TelemetryText : public ::testing::Test {
 protected:
  TelemetryText() {
    prometheus::BuildCounter()
        .Name("things_total")
        .Help("Things.")
        .Register(registry)
        .Add({{"sort", "a\"b"}});
    auto& histogram = prometheus::BuildHistogram()
                          .Name("work_seconds")
                          .Help("Work.")
                          .Register(registry)
                          .Add({{"who", "me"}}, prometheus::Histogram::BucketBoundaries{0.5, 2});
    histogram.Observe(0.25);
    histogram.Observe(1);
    histogram.Observe(100);
  }
  std::string text(MetricFormat format) {
    std::string text;
    append_families(text, registry.Collect(), format);
    return text;
  }
  prometheus::Registry registry;
};

TEST_F(TelemetryText, SamplesAreTheSameInBothFormats) {
  const std::string samples =
      "work_seconds_bucket{who=\"me\",le=\"0.5\"} 1\n"
      "work_seconds_bucket{who=\"me\",le=\"2.0\"} 2\n"
      "work_seconds_bucket{who=\"me\",le=\"+Inf\"} 3\n"
      "work_seconds_count{who=\"me\"} 3\nwork_seconds_sum{who=\"me\"} 101.25\n";
  EXPECT_NE(text(MetricFormat::text).find(samples), std::string::npos) << text(MetricFormat::text);
  EXPECT_NE(text(MetricFormat::openmetrics).find(samples), std::string::npos);
  EXPECT_NE(text(MetricFormat::text)
                .find("# TYPE things_total counter\nthings_total{sort=\"a\\\"b\"} 0\n"),
            std::string::npos);
  EXPECT_NE(text(MetricFormat::openmetrics)
                .find("# TYPE things counter\nthings_total{sort=\"a\\\"b\"} 0\n"),
            std::string::npos);
}

}  // namespace
}  // namespace scanclock
