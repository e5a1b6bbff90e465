// Edge cases 29 to 36: what changes while containers run, and what is malformed.
#include "tests/unit/domain/edge_cases.hpp"

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

void tag_moves(World& world) {
  world.run({container("a", {both})});
  world.conclude();
  EXPECT_EQ(world.inventory.tag_moved(world.container_of("a")), false);
  world.add(image(m3, c3));
  world.tag("1.0", m3);
  world.conclude();
  EXPECT_EQ(world.inventory.tag_moved(world.container_of("a")), true) << "news, no failure";
  EXPECT_FALSE(world.record(m3).running);
}

void index_is_deleted(World& world) {
  world.run({container("a", {both})});
  for (int time = 0; time < 3; ++time) {
    world.inventory.note_missing(app, both, minutes(1), world.now);
    world.now += minutes(1);
  }
  world.list({});
  world.conclude();
  world.run({container("a", {both}), container("new", {both})});
}

void digests_vanish(World& world) {
  world.run({container("a", {both, c1})});
  world.conclude();
  world.now += minutes(1);
  world.run({container("a", {})});
}

void podman_repository(World& world) {
  auto mixed = container("a", {c1, digest(0x777)});
  mixed.image = "localhost/never/pushed:1";
  mixed.repositories = {"registry.example/never", "localhost/never/pushed"};
  world.run({mixed});
}

void lists_are_cut(World& world) {
  std::vector<ContainerObservation> all;
  for (int number = 0; number < 8; ++number) {
    all.push_back(container("c" + std::to_string(number), {both}));
  }
  world.run(all);
  world.conclude();
  world.inventory.take_changes();
  for (std::size_t cut = 0; cut < all.size(); ++cut) {
    world.run({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(cut)}, false);
    world.conclude();
    ASSERT_EQ(world.inventory.containers().size(), 8U) << "410 on a page, after " << cut;
  }
  world.now += minutes(1);
  // Listed again after the 410: three have vanished meanwhile.
  world.run({all.begin(), all.begin() + 5});
  world.conclude();
  const ChangeSet changes = world.inventory.take_changes();
  ASSERT_EQ(changes.containers.size(), 3U) << "what stayed has not flapped";
  for (const StoredContainer& gone : changes.containers) {
    EXPECT_EQ(gone.ended_at, world.now) << gone.id;
  }
  EXPECT_EQ(world.record(m1).first_running_at, noon);
}

void window_edges(World& world) {
  for (unsigned number = 0; number < 4; ++number) {
    world.add(image(digest(0x50 + number), digest(0xd0 + number)));
  }
  world.collect(scan_of(2, {digest(0x50)}, noon - 30 * day));
  world.collect(scan_of(3, {digest(0x51)}, noon - 30 * day - microsecond));
  world.collect(scan_of(4, {digest(0x52)}, noon + hours(1)));
  world.collect(scan_of(5, {digest(0x53)}, noon - day));
  Evidence failed = scan_of(6, {digest(0x53)}, noon);
  failed.report.defect = Rejection::scan_failed;
  world.collect(failed);
  world.run({container("exactly 30 d", {digest(0x50)}), container("too old", {digest(0x51)}),
             container("future", {digest(0x52)}), container("failed later", {digest(0x53)})});
  world.conclude();
  EXPECT_EQ(world.container_of("failed later").deadline_at(), noon + 29 * day);
}

/// The clocks of a country were set back within the window; the window knows no time zone.
void summer_time_ends(World& world) {
  const TimePoint before = std::chrono::sys_days(std::chrono::October / 20 / 2026) + hours(12);
  world.add(image(m3, c3));
  world.collect(scan_of(9, {m3}, before));
  world.run({container("summer", {m3})});
  world.now = before + 30 * day;
  world.conclude();
  EXPECT_EQ(world.verdict("summer"), Verdict::expiring);
  world.now += microsecond;
  world.conclude();
  EXPECT_EQ(world.verdict("summer"), Verdict::overdue);
  world.now = noon;
  world.confirm();
}

void windows_and_clocks(World& world) {
  summer_time_ends(world);
  window_edges(world);
}

void malformed(World& world) {
  const Digest long_one = Digest::from_trusted("sha512:" + std::string(128, 'a'));
  world.add(image(long_one, c3));
  world.collect(scan_of(2, {long_one}));
  std::string upper(c1.str());
  for (char& letter : upper) {
    letter = letter == 'c' ? 'C' : letter;
  }
  auto labelled = container("labelled", {m1});
  labelled.labels = {{"note", std::string(1 << 20, 'x')}, {"bad", "\xff\xfe"}};
  auto broken = container("broken", {});
  broken.image = "registry.example/team/app:nothing";
  broken.image_id = "sha256:tooshort";
  EXPECT_FALSE(Digest::parse(broken.image_id));
  world.run({container("sha512", {long_one}), container("upper", {*Digest::parse(upper)}), labelled,
             broken, broken});
}

std::vector<EdgeCase> make_time_cases() {
  return {
      {29, "the tag moved after the start", tag_moves, {{"a", Verdict::compliant}}},
      {30,
       "the registry deleted the index: what was checked stays known",
       index_is_deleted,
       {{"a", Verdict::compliant}, {"new", Verdict::compliant}}},
      {31,
       "Docker's RepoDigests are emptied under a running container",
       digests_vanish,
       {{"a", Verdict::compliant}}},
      {32,
       "Podman makes up a repository digest that never was",
       podman_repository,
       {{"a", Verdict::compliant}}},
      {33,
       "Docker's containerd store: index as ID, the manifest in its descriptor",
       [](World& world) {
         world.run({container("a", {both, m1}, Platform())});
       },
       {{"a", Verdict::compliant}}},
      {34,
       "410 in a list and on any page; then a whole list",
       lists_are_cut,
       {{"c0", Verdict::compliant},
        {"c1", Verdict::compliant},
        {"c2", Verdict::compliant},
        {"c3", Verdict::compliant},
        {"c4", Verdict::compliant}}},
      {35,
       "a scan exactly 30 d old, the end of summer time, the future, a failure after a success",
       windows_and_clocks,
       {{"exactly 30 d", Verdict::expiring},
        {"too old", Verdict::overdue},
        {"future", Verdict::never_scanned},
        {"failed later", Verdict::compliant}}},
      {36,
       "sha512, upper-case digits, a malformed image ID, a huge label, the same container twice",
       malformed,
       {{"sha512", Verdict::compliant},
        {"upper", Verdict::compliant},
        {"labelled", Verdict::compliant},
        {"broken", Verdict::unresolved}}},
  };
}

}  // namespace

const std::vector<EdgeCase>& time_cases() {
  static const std::vector<EdgeCase> cases = make_time_cases();
  return cases;
}

INSTANTIATE_TEST_SUITE_P(Time, EdgeCases, testing::ValuesIn(time_cases()), case_name);

}  // namespace scanclock
