#include "daemon/metrics_page.hpp"

#include "core/net/gzip.hpp"
#include "core/net/http_body_source.hpp"
#include "tests/component/daemon/engine_fixture.hpp"

#include <boost/asio/use_awaitable.hpp>

namespace scanclock {
namespace {

Scope page_scope() {
  Scope scope;
  scope.policies.push_back({});
  RegistryScope registry;
  registry.name = "prod";
  registry.host = "r.example";
  scope.registries.push_back(registry);
  WorkloadScope workload;
  workload.name = "hosts";
  scope.workloads.push_back(workload);
  return scope;
}

Digest page_digest(char kind, unsigned number) {
  char text[72];
  std::snprintf(text, sizeof(text), "sha256:%c%063x", kind, number);
  return Digest::from_trusted(text);
}

class MetricsPageTest : public EngineTest {
 protected:
  MetricsPageTest() : EngineTest(page_scope()) {
    engine.on_touched([this](const Touched& touched) { page.touch(touched); });
    tasks.spawn("metrics", page.run());
  }
  ~MetricsPageTest() override { finish(tasks.stop()); }

  void know(unsigned number) {
    Manifest image;
    image.digest = page_digest('a', number);
    image.config = page_digest('c', number);
    image.config_identifies = true;
    image.platform.os = "linux";
    image.platform.architecture = "amd64";
    engine.inventory().add_manifest({"prod", "team/app"}, image, clock.now());
  }

  void run_images(unsigned count) {
    WorkloadReport report;
    report.source = "hosts";
    report.observed_at = clock.now();
    report.complete = true;
    for (unsigned number = 0; number < count; ++number) {
      ContainerObservation seen;
      seen.id = "c" + std::to_string(number);
      seen.name = "front";
      seen.image = "r.example/team/app:1";
      seen.digests = {page_digest('a', number)};
      report.containers.push_back(std::move(seen));
    }
    engine.inventory().observe(report, clock.now());
    engine.wake();
  }

  HttpResponse answer(MetricFormat format, bool gzip) { return finish(page.answer(format, gzip)); }

  std::string body_of(const HttpResponse& response) {
    std::string body = response.body;
    for (const auto& piece : response.pieces) {
      body += *piece;
    }
    const std::size_t made_before = body.size();
    while (response.source) {
      const HttpBodySource::Pieces pieces = finish(response.source->next());
      if (pieces.empty()) {
        EXPECT_EQ(body.size() - made_before, response.source->bytes());
        break;
      }
      for (const auto& piece : pieces) {
        body += *piece;
      }
    }
    return body;
  }

  static std::string expanded(const std::string& gzip) {
    GzipExpander expander(std::size_t{1} << 28);
    std::string text;
    EXPECT_EQ(expander.expand(gzip, text), GzipExpander::Status::ok);
    EXPECT_TRUE(expander.complete());
    return text;
  }

  asio::awaitable<void> read_into(std::vector<HttpResponse>& answers) {
    HttpResponse response = co_await page.answer(MetricFormat::text, true);
    answers.push_back(std::move(response));
  }

  std::string text() { return body_of(answer(MetricFormat::text, false)); }

  static std::size_t count(const std::string& text, const std::string& what) {
    std::size_t found = 0;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) {
      ++found;
    }
    return found;
  }

  MetricsPage page{MetricsPage::Surroundings{io.get_executor(), clock, pool, engine, alerting,
                                             outbox, telemetry}};
};

constexpr const char* deadline_series = "\nscanclock_image_scan_deadline_timestamp_seconds{";

TEST_F(MetricsPageTest, ShowsWhatRunsAtOnce) {
  for (unsigned number = 0; number < 300; ++number) {
    know(number);
  }
  run_images(0);
  EXPECT_EQ(count(text(), deadline_series), 0U);
  run_images(300);
  let_pass(std::chrono::milliseconds(10));
  EXPECT_EQ(count(text(), deadline_series), 300U) << "who asks need not wait for the next round";
  run_images(200);
  let_pass(std::chrono::milliseconds(10));
  EXPECT_EQ(count(text(), deadline_series), 200U);
}

TEST_F(MetricsPageTest, IsTheSameCompressed) {
  for (unsigned number = 0; number < 300; ++number) {
    know(number);
  }
  run_images(300);
  let_pass(std::chrono::milliseconds(10));
  for (const MetricFormat format : {MetricFormat::text, MetricFormat::openmetrics}) {
    const HttpResponse plain = answer(format, false);
    const HttpResponse packed = answer(format, true);
    EXPECT_EQ(packed.header("Content-Encoding"), "gzip");
    EXPECT_EQ(plain.header("Content-Encoding"), std::nullopt);
    EXPECT_EQ(plain.header("Content-Type"), content_type_of(format));
    EXPECT_EQ(plain.header("Vary"), "Accept, Accept-Encoding");
    const std::string page_text = body_of(plain);
    EXPECT_EQ(expanded(body_of(packed)), page_text);
    EXPECT_GT(page_text.size(), 2 * body_of(packed).size());
  }
}

TEST_F(MetricsPageTest, EndsAsOpenMetricsDoesAndHasEachFamilyOnce) {
  know(1);
  run_images(2);
  const std::string page_text = body_of(answer(MetricFormat::openmetrics, false));
  EXPECT_TRUE(page_text.ends_with("# EOF\n"));
  EXPECT_EQ(count(page_text, "# EOF"), 1U);
  std::set<std::string> families;
  for (auto at = page_text.find("# TYPE "); at != std::string::npos;
       at = page_text.find("# TYPE ", at + 1)) {
    const std::string name = page_text.substr(at + 7, page_text.find(' ', at + 7) - at - 7);
    EXPECT_TRUE(families.insert(name).second) << name;
  }
  EXPECT_TRUE(families.contains("scanclock_source_errors") ||
              families.contains("scanclock_evidence"));
  EXPECT_FALSE(text().find("# EOF") != std::string::npos);
}

TEST_F(MetricsPageTest, KeepsTextOnlyForThoseWhoReadIt) {
  for (unsigned number = 0; number < 200; ++number) {
    know(number);
  }
  run_images(200);
  const std::string before = text();
  let_pass(reader_kept * 3);
  const std::string packed = expanded(body_of(answer(MetricFormat::text, true)));
  EXPECT_EQ(count(packed, deadline_series), 200U);
  EXPECT_EQ(count(text(), deadline_series), 200U) << "made from what is compressed";
  EXPECT_EQ(count(text(), deadline_series), 200U);
}

TEST_F(MetricsPageTest, AnAnswerIsOfOneMomentHoweverSlowlyItIsRead) {
  for (unsigned number = 0; number < 300; ++number) {
    know(number);
  }
  run_images(300);
  let_pass(std::chrono::milliseconds(10));
  const HttpResponse plain = answer(MetricFormat::text, false);
  const HttpResponse packed = answer(MetricFormat::text, true);
  run_images(200);
  let_pass(std::chrono::milliseconds(10));
  EXPECT_EQ(count(text(), deadline_series), 200U);
  const std::string slowly_read = body_of(plain);
  EXPECT_EQ(count(slowly_read, deadline_series), 300U);
  EXPECT_EQ(expanded(body_of(packed)), slowly_read);
}

TEST_F(MetricsPageTest, KeepsNoTextOfAPageThatIsTooLong) {
  constexpr unsigned images = 300;
  for (unsigned number = 0; number < images; ++number) {
    know(number);
  }
  run_images(images);
  const std::string page_text = text();
  MetricsPage small(MetricsPage::Surroundings{io.get_executor(), clock, pool, engine, alerting,
                                              outbox, telemetry},
                    image_series_max, page_text.size() / 2);
  TaskGroup small_tasks(io.get_executor(), [](std::string_view name, std::exception_ptr) {
    ADD_FAILURE() << name << " ended";
  });
  small_tasks.spawn("small", small.run());
  for (int reader = 0; reader < 2; ++reader) {
    const HttpResponse response = finish(small.answer(MetricFormat::text, false));
    EXPECT_EQ(count(body_of(response), deadline_series), images);
    EXPECT_EQ(small.kept_text_bytes(), 0U);
  }
  EXPECT_GT(page.kept_text_bytes(), 0U) << "the page within the limit";
  let_pass(reader_kept * 2);
  EXPECT_EQ(page.kept_text_bytes(), 0U) << "nobody reads it any more";
  finish(small_tasks.stop());
}

TEST_F(MetricsPageTest, AReaderOfTheCompressedPageLeavesNoText) {
  for (unsigned number = 0; number < 300; ++number) {
    know(number);
  }
  run_images(300);
  answer(MetricFormat::text, true);
  EXPECT_EQ(page.kept_text_bytes(), 0U);
}

TEST_F(MetricsPageTest, ManyReadersShareOneRound) {
  for (unsigned number = 0; number < 200; ++number) {
    know(number);
  }
  run_images(200);
  std::vector<HttpResponse> answers;
  for (int reader = 0; reader < 6; ++reader) {
    tasks.spawn("reader", read_into(answers));
  }
  clock.run_while(
      io, [&] { return answers.size() < 6; }, std::chrono::seconds(30));
  ASSERT_EQ(answers.size(), 6U);
  for (const HttpResponse& each : answers) {
    EXPECT_EQ(each.pieces[1], answers.front().pieces[1]) << "one copy for all";
  }
}

TEST_F(MetricsPageTest, IsThereWhileTheDatabaseIsAway) {
  know(1);
  run_images(2);
  EXPECT_EQ(answer(MetricFormat::text, true).status, 200);
  outbox.set_away(true);
  let_pass(std::chrono::seconds(10));
  EXPECT_EQ(answer(MetricFormat::text, true).status, 200);
}

TEST_F(MetricsPageTest, SaysZeroInsteadOfNothing) {
  run_images(0);
  const std::string page_text = text();
  for (const char* line :
       {"scanclock_image_series_dropped 0\n", "scanclock_workload_series_dropped 0\n",
        "scanclock_containers{source=\"hosts\",environment=\"production\",verdict=\"overdue\"} 0\n",
        "scanclock_images{state=\"overdue\",environment=\"production\",running=\"true\","
        "observation=\"ok\",trust=\"none\"} 0\n",
        "scanclock_alerts{rule=\"ScanclockScanOverdue\",severity=\"critical\"} 0\n"}) {
    EXPECT_NE(page_text.find(line), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace scanclock
