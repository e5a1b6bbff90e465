# Turns text files into one C++ source that defines `std::span<const EmbeddedFile> <symbol>()`.
function(scanclock_embed_text target symbol)
  cmake_parse_arguments(ARG "" "HEADER" "FILES" ${ARGN})
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.cpp)
  add_custom_command(
    OUTPUT ${output}
    COMMAND python3 ${CMAKE_SOURCE_DIR}/tools/embed_text.py --symbol ${symbol} --header
            ${ARG_HEADER} --output ${output} ${ARG_FILES}
    DEPENDS ${ARG_FILES} ${CMAKE_SOURCE_DIR}/tools/embed_text.py
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
