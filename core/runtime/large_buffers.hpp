#pragma once

namespace scanclock {

/// Makes the allocator map every buffer of a MiB or more by itself, so that the memory goes back to
/// the system as soon as a large report has been read. By itself glibc raises that limit up to
/// 32 MiB once such a buffer was freed, and keeps holes of that size from then on. Once, at the
/// start of the process.
void return_large_buffers_at_once();

}  // namespace scanclock
