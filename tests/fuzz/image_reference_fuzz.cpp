#include "core/domain/image_reference.hpp"
#include "tests/fuzz/fuzzing.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using scanclock::fuzzing::require;
  const auto reference = scanclock::parse_image_reference(scanclock::fuzzing::text_of(data, size));
  if (!reference) {
    return 0;
  }
  require(!reference->host.empty() && !reference->repository.empty(),
          "a reference names a host and a repository");
  require(scanclock::parse_image_reference(to_string(*reference)) == reference,
          "a printed reference reads as itself");
  return 0;
}
