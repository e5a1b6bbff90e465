# Awaitable frame recycling hides a use after free in a coroutine frame, so sanitised builds turn
# it off (boost/asio/impl/awaitable.hpp).
if(SCANCLOCK_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined
                      -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
  add_compile_definitions(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
endif()
