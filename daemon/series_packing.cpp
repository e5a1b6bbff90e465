#include "daemon/series_packing.hpp"

#include "core/net/gzip.hpp"

#include <stdexcept>
#include <utility>

namespace scanclock {
namespace {

constexpr Duration pool_busy_wait = std::chrono::milliseconds(200);

/// What the pool's work needs of a piece.
struct PackedForm {
  SharedText form;
  std::size_t text_bytes = 0;
};

using ConvertForms = std::vector<SharedText> (*)(const std::vector<PackedForm>&);

std::vector<SharedText> pack_forms(const std::vector<PackedForm>& texts) {
  GzipPacker packer;
  std::vector<SharedText> members;
  members.reserve(texts.size());
  for (const PackedForm& text : texts) {
    members.push_back(share(packer.member(*text.form)));
  }
  return members;
}

std::vector<SharedText> expand_forms(const std::vector<PackedForm>& members) {
  std::vector<SharedText> texts;
  texts.reserve(members.size());
  for (const PackedForm& member : members) {
    texts.push_back(expand_piece(*member.form, member.text_bytes));
  }
  return texts;
}

asio::awaitable<std::vector<SharedText>> convert_on(BlockingPool& pool, Clock& clock,
                                                    ConvertForms convert,
                                                    std::vector<PackedForm> forms) {
  for (;;) {
    auto work = [convert, forms] { return convert(forms); };
    try {
      auto running = pool.run(std::move(work));
      co_return co_await std::move(running);
    } catch (const PoolBusyError&) {
      // No statement that waits may stand in a handler.
    }
    co_await clock.sleep(pool_busy_wait);
  }
}

}  // namespace

SharedText share(std::string text) { return std::make_shared<const std::string>(std::move(text)); }

std::shared_ptr<SeriesPiece> make_whole_piece(std::string text) {
  auto piece = std::make_shared<SeriesPiece>();
  piece->gzip = pack_piece(text);
  piece->text_bytes = text.size();
  piece->text = share(std::move(text));
  return piece;
}

SharedText pack_piece(const std::string& text) { return share(gzip_member(text)); }

SharedText expand_piece(const std::string& member, std::size_t text_bytes) {
  std::string text = expand_gzip_member(member, text_bytes);
  if (text.size() != text_bytes) {
    throw std::logic_error("a piece of the metrics page does not expand");
  }
  return share(std::move(text));
}

asio::awaitable<std::vector<SharedText>> pack_on(BlockingPool& pool, Clock& clock,
                                                 std::vector<std::shared_ptr<SeriesPiece>> pieces) {
  std::vector<PackedForm> forms;
  forms.reserve(pieces.size());
  for (const auto& piece : pieces) {
    forms.push_back({piece->text, piece->text_bytes});
  }
  return convert_on(pool, clock, pack_forms, std::move(forms));
}

asio::awaitable<std::vector<SharedText>> expand_on(
    BlockingPool& pool, Clock& clock, std::vector<std::shared_ptr<SeriesPiece>> pieces) {
  std::vector<PackedForm> forms;
  forms.reserve(pieces.size());
  for (const auto& piece : pieces) {
    forms.push_back({piece->gzip, piece->text_bytes});
  }
  return convert_on(pool, clock, expand_forms, std::move(forms));
}

}  // namespace scanclock
