add_library(scanclock_warnings INTERFACE)
target_compile_options(scanclock_warnings INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor
                                                    -Woverloaded-virtual)
if(SCANCLOCK_WERROR)
  target_compile_options(scanclock_warnings INTERFACE -Werror)
endif()
