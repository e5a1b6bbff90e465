add_library(scanclock_warnings INTERFACE)
target_compile_options(scanclock_warnings INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor
                                                    -Woverloaded-virtual)
# When optimising, GCC 12 inlines one half of Asio's allocation of coroutine frames and then takes
# its deallocation for a mismatch.
target_compile_options(
  scanclock_warnings
  INTERFACE
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:RelWithDebInfo>>:-Wno-mismatched-new-delete>)
if(SCANCLOCK_WERROR)
  target_compile_options(scanclock_warnings INTERFACE -Werror)
endif()
