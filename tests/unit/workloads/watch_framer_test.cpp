#include "core/workloads/watch_framer.hpp"

#include <gtest/gtest.h>

namespace scanclock {
namespace {

using Documents = std::vector<std::string>;

const std::string first_document = R"({"type":"ADDED","object":{"a":"\n}{"}})";
const std::string second_document = R"({"type":"DELETED"})";
const Documents both_documents{first_document, second_document};

struct LineFraming {
  const char* name;
  std::string stream;
};

const std::vector<LineFraming>& line_framings() {
  static const std::vector<LineFraming> all{
      {"line ends", first_document + "\n" + second_document + "\n"},
      {"carriage returns", first_document + "\r\n" + second_document + "\r\n"},
      {"no end behind the last", first_document + "\n" + second_document},
      {"blank lines", "\n\r\n" + first_document + "\n \t\n\r\n" + second_document + "\n\n"},
      {"blanks around", "  " + first_document + " \n\t" + second_document + "\t"},
  };
  return all;
}

/// Also copies the padding, so that a sanitizer sees whether it may be read.
void take_documents(WatchFramer& framer, Documents& documents) {
  while (true) {
    const auto next = framer.next();
    ASSERT_TRUE(next.has_value());
    if (!*next) {
      return;
    }
    const std::string_view text = (*next)->text();
    const std::string padded(text.data(), text.size() + json_padding_bytes);
    documents.push_back(padded.substr(0, text.size()));
  }
}

Documents documents_of(const std::vector<std::string_view>& pieces) {
  WatchFramer framer;
  Documents documents;
  for (const std::string_view piece : pieces) {
    framer.push(piece);
    take_documents(framer, documents);
  }
  const auto last = framer.finish();
  EXPECT_TRUE(last.has_value());
  if (last && *last) {
    documents.emplace_back((*last)->text());
  }
  return documents;
}

TEST(WatchFramer, FindsTheDocumentsWhereverTheStreamIsCut) {
  for (const LineFraming& framing : line_framings()) {
    const std::string_view stream = framing.stream;
    for (std::size_t first = 0; first <= stream.size(); ++first) {
      for (std::size_t second = first; second <= stream.size(); ++second) {
        ASSERT_EQ(documents_of({stream.substr(0, first), stream.substr(first, second - first),
                                stream.substr(second)}),
                  both_documents)
            << framing.name << " cut at " << first << " and " << second;
      }
    }
  }
}

TEST(WatchFramer, FindsTheDocumentsWhenBytesComeOneByOne) {
  for (const LineFraming& framing : line_framings()) {
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < framing.stream.size(); ++i) {
      pieces.push_back(std::string_view(framing.stream).substr(i, 1));
    }
    EXPECT_EQ(documents_of(pieces), both_documents) << framing.name;
  }
}

TEST(WatchFramer, GivesADocumentWithItsLineEnd) {
  WatchFramer framer;
  Documents documents;
  framer.push(first_document);
  take_documents(framer, documents);
  EXPECT_EQ(documents, Documents{});
  framer.push("\n");
  take_documents(framer, documents);
  EXPECT_EQ(documents, Documents{first_document});
  const auto last = framer.finish();
  ASSERT_TRUE(last.has_value());
  EXPECT_FALSE(last->has_value());
}

TEST(WatchFramer, TakesADocumentUpToTheLimitAndNoneBeyond) {
  const std::string longest(watch_document_bytes_max, 'x');
  WatchFramer framer;
  Documents documents;
  framer.push(longest);
  framer.push("\n");
  take_documents(framer, documents);
  ASSERT_EQ(documents.size(), 1U);
  EXPECT_EQ(documents[0].size(), watch_document_bytes_max);

  framer.push("{}\n" + longest);
  take_documents(framer, documents);
  ASSERT_EQ(documents.size(), 2U);
  framer.push("x");
  for (int times = 0; times < 2; ++times) {
    const auto beyond = framer.next();
    ASSERT_FALSE(beyond.has_value()) << "the failure stays";
    EXPECT_EQ(beyond.error().message, "a document of the stream is larger than 16777216 bytes");
  }
  EXPECT_FALSE(framer.finish().has_value());
}

TEST(WatchFramer, RefusesALongDocumentThatIsThereWithItsEnd) {
  WatchFramer framer(10);
  framer.push("0123456789\n01234567890\n{}\n");
  const auto fits = framer.next();
  ASSERT_TRUE(fits.has_value() && fits->has_value());
  EXPECT_FALSE(framer.next().has_value());
  EXPECT_FALSE(framer.next().has_value());
}

// Looking at each byte once for each piece would take minutes.
TEST(WatchFramer, SearchesALargeDocumentOnceThoughItComesInSmallPieces) {
  WatchFramer framer;
  const std::string piece(256, 'x');
  for (std::size_t size = 0; size < watch_document_bytes_max; size += piece.size()) {
    framer.push(piece);
    const auto next = framer.next();
    ASSERT_TRUE(next.has_value() && !next->has_value());
  }
  framer.push("\n");
  const auto next = framer.next();
  ASSERT_TRUE(next.has_value() && next->has_value());
  EXPECT_EQ((*next)->text().size(), watch_document_bytes_max);
}

}  // namespace
}  // namespace scanclock
