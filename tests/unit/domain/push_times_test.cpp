#include "tests/unit/domain/facts.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using namespace facts;  // NOLINT: the words of this folder's tests

const Digest m1 = digest(0x11), c1 = digest(0xc1);
const Digest m2 = digest(0x12), c2 = digest(0xc2);
const RepositoryKey copy{"prod", "team/copy"};

/// One image with the entry that a case starts from, an hour ago.
World world_with(EntryBasis basis) {
  World world;
  if (basis == EntryBasis::first_seen) {
    world.list({});
    world.list({"1.0"});
  }
  world.add(image(m1, c1));
  world.tag("1.0", m1);
  if (basis == EntryBasis::push_event || basis == EntryBasis::platform_api) {
    world.inventory.note_pushed(app, m1, world.now, basis, world.now);
  }
  world.conclude();
  world.inventory.take_changes();
  world.now += hours(1);
  return world;
}

struct PushCase {
  const char* what;
  EntryBasis before;
  Duration pushed_after_entry;
  EntryBasis told;
  bool counts;
};

constexpr Duration century = 100 * 365 * day;

constexpr PushCase push_cases[] = {
    {"before monitoring began", EntryBasis::initial, -40 * day, EntryBasis::push_event, true},
    {"the same by the platform", EntryBasis::initial, -40 * day, EntryBasis::platform_api, true},
    {"when it was first seen", EntryBasis::initial, day * 0, EntryBasis::push_event, true},
    {"before it was seen", EntryBasis::first_seen, -minutes(5), EntryBasis::push_event, true},
    {"an earlier event", EntryBasis::push_event, -minutes(5), EntryBasis::push_event, true},
    {"an earlier record", EntryBasis::push_event, -minutes(5), EntryBasis::platform_api, true},
    {"the same again", EntryBasis::platform_api, day * 0, EntryBasis::push_event, false},
    {"pushed again, initial", EntryBasis::initial, minutes(5), EntryBasis::push_event, false},
    {"pushed again, seen", EntryBasis::first_seen, minutes(5), EntryBasis::platform_api, false},
    {"pushed again, event", EntryBasis::push_event, minutes(5), EntryBasis::push_event, false},
    {"the future", EntryBasis::initial, day, EntryBasis::push_event, false},
    {"a clock never set", EntryBasis::first_seen, -century, EntryBasis::platform_api, false},
    {"no recorded time", EntryBasis::initial, -day, EntryBasis::first_seen, false},
};

TEST(PushTime, MovesTheEntryOnlyToAnEarlierRecordedMoment) {
  for (const PushCase& item : push_cases) {
    SCOPED_TRACE(item.what);
    World world = world_with(item.before);
    ASSERT_EQ(world.location(m1).entry_basis, item.before);
    world.inventory.note_pushed(app, m1, noon + item.pushed_after_entry, item.told, world.now);
    const Location& location = world.location(m1);
    EXPECT_EQ(location.entry_at, item.counts ? noon + item.pushed_after_entry : noon);
    EXPECT_EQ(location.entry_basis, item.counts ? item.told : item.before);
    EXPECT_EQ(location.first_seen_at, noon) << "seen is not pushed";
    world.conclude();
    EXPECT_EQ(world.inventory.take_changes().locations.size(), item.counts ? 1U : 0U);
  }
}

TEST(EarlyPushTime, WaitsForItsImage) {
  World world;
  world.list({"old"});
  world.inventory.note_pushed(app, m2, noon - minutes(3), EntryBasis::push_event, world.now);
  EXPECT_EQ(world.inventory.image(m2), nullptr) << "a hint creates no image";
  world.now += minutes(2);
  world.list({"old", "new"});
  world.add(image(m2, c2));
  world.tag("new", m2);
  EXPECT_EQ(world.location(m2).entry_at, noon - minutes(3));
  EXPECT_EQ(world.location(m2).entry_basis, EntryBasis::push_event);
}

TEST(EarlyPushTime, KeepsTheEarliestOfSeveral) {
  World world;
  for (const Duration before : {minutes(3), minutes(9), minutes(1)}) {
    world.inventory.note_pushed(app, m2, noon - before, EntryBasis::push_event, world.now);
  }
  world.add(image(m2, c2));
  EXPECT_EQ(world.location(m2).entry_at, noon - minutes(9));
}

TEST(EarlyPushTime, IsOfOneRepository) {
  World world;
  world.inventory.note_pushed(copy, m2, noon - minutes(3), EntryBasis::push_event, world.now);
  world.add(image(m2, c2));
  EXPECT_EQ(world.location(m2).entry_basis, EntryBasis::initial);
  world.add(image(m2, c2), copy);
  EXPECT_EQ(world.location(m2, copy).entry_basis, EntryBasis::push_event);
}

TEST(EarlyPushTime, OfAnIndexSaysNothingOfItsImages) {
  World world;
  const Digest both = digest(0x1a);
  world.inventory.note_pushed(app, both, noon - minutes(3), EntryBasis::push_event, world.now);
  world.add(image(m1, c1));
  world.add(index(both, {entry(m1)}));
  world.inventory.note_pushed(app, both, noon - minutes(3), EntryBasis::push_event, world.now);
  EXPECT_EQ(world.location(m1).entry_basis, EntryBasis::initial);
}

TEST(EarlyPushTime, IsForgottenWhenTooManyCameAfterIt) {
  World world;
  world.inventory.note_pushed(app, m1, noon - minutes(3), EntryBasis::push_event, world.now);
  for (unsigned number = 0; number < early_pushes_max; ++number) {
    world.inventory.note_pushed(app, digest(0x100000 + number), noon - minutes(3),
                                EntryBasis::push_event, world.now);
  }
  world.add(image(m1, c1));
  EXPECT_EQ(world.location(m1).entry_basis, EntryBasis::initial);
  world.add(image(digest(0x100001), c2));
  EXPECT_EQ(world.location(digest(0x100001)).entry_basis, EntryBasis::push_event);
}

TEST(PushTimeOfAnImage, GivesAnUnscannedImageItsGraceFromThere) {
  World world = world_with(EntryBasis::initial);
  EXPECT_EQ(world.record(m1).deadline_at, noon) << "an initial entry extends nothing";
  world.inventory.note_pushed(app, m1, noon - 2 * day, EntryBasis::platform_api, world.now);
  world.conclude();
  EXPECT_EQ(world.record(m1).deadline_at, noon + 28 * day);
}

}  // namespace
}  // namespace scanclock
