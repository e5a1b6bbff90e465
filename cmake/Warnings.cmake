add_library(scanclock_warnings INTERFACE)
target_compile_options(scanclock_warnings INTERFACE -Wall -Wextra -Wnon-virtual-dtor
                                                    -Woverloaded-virtual)
# Of names that hide a global one, GCC would also name those of another file in a unity build.
target_compile_options(scanclock_warnings
                       INTERFACE $<IF:$<CXX_COMPILER_ID:GNU>,-Wshadow=local,-Wshadow>)
# In a unity build every .cpp is an included file, and GCC takes the anonymous namespace of each for
# one of a header.
target_compile_options(
  scanclock_warnings
  INTERFACE $<$<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:${CMAKE_UNITY_BUILD}>>:-Wno-subobject-linkage>)
# When optimising, GCC 12 inlines one half of Asio's allocation of coroutine frames and then takes
# its deallocation for a mismatch.
target_compile_options(
  scanclock_warnings
  INTERFACE
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<CONFIG:RelWithDebInfo>>:-Wno-mismatched-new-delete>)
if(SCANCLOCK_WERROR)
  target_compile_options(scanclock_warnings INTERFACE -Werror)
endif()
