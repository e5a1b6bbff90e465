#pragma once

#include <boost/system/result.hpp>

namespace scanclock {

/// An outcome that the caller must branch on. What cannot be done because infrastructure is
/// missing (database gone, no memory) is thrown instead.
template <class Value, class Failure>
using Result = boost::system::result<Value, Failure>;

}  // namespace scanclock
