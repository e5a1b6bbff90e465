# One static library a room; it compiles every .cpp of its folder and links only what is named, so
# that the arrows of docs/ARCHITECTURE.md are also link errors.
function(scanclock_library name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/main\\.cpp$")
  if(NOT sources)
    # A library needs a source; a room that has none yet must not stop the others.
    file(TOUCH ${CMAKE_CURRENT_BINARY_DIR}/empty.cpp)
    set(sources ${CMAKE_CURRENT_BINARY_DIR}/empty.cpp)
  endif()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE scanclock_warnings)
endfunction()

# A test binary from every .cpp of one folder.
function(scanclock_test name)
  cmake_parse_arguments(ARG "" "FOLDER" "LINK;LABELS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_FOLDER}/*.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gmock GTest::gtest GTest::gtest_main
                                        scanclock_warnings)
  target_compile_definitions(${name} PRIVATE SCANCLOCK_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                                             SCANCLOCK_BINARY_DIR="${CMAKE_BINARY_DIR}")
  # One process a program: a fixture starts its server once, not once a test.
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 900)
endfunction()
