# Verilog to C++ libraries.
#
#   agc_verilate(NAME TOP module [PREFIX Vclass] [CORE z7020] [SOURCES a.sv ...] [OPTIONS ...] [TRACE])
#
# makes the static library NAME with the class PREFIX (default: VNAME) of module TOP. SOURCES default to the whole core; the generated packages
# of CORE (default: tiny) always come first. Start contents of registers and memories without reset are a choice of the simulation
# (`--x-initial unique`, `+verilator+rand+reset+2`). TRACE adds FST tracing and leaves the library out of `all`.
#
# The models are compiled by clang-19 when it is there: several times faster simulation than with g++ 12.

find_program(AGC_VERILATOR verilator REQUIRED)
find_program(AGC_VERILATOR_MAKE NAMES gmake make REQUIRED)
find_program(AGC_VERILATOR_CXX NAMES clang++-19 clang++ DOC "Compiler of the verilated models")
if(NOT AGC_VERILATOR_CXX)
  set(AGC_VERILATOR_CXX "${CMAKE_CXX_COMPILER}")
endif()
find_program(AGC_CCACHE ccache)
execute_process(COMMAND "${AGC_VERILATOR}" --getenv VERILATOR_ROOT OUTPUT_VARIABLE AGC_VERILATOR_ROOT OUTPUT_STRIP_TRAILING_WHITESPACE)
file(GLOB AGC_CORE_SOURCES CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/agc_*.sv")

# Verilator's own runtime, once for all models.
add_library(agc_verilated STATIC EXCLUDE_FROM_ALL
  "${AGC_VERILATOR_ROOT}/include/verilated.cpp" "${AGC_VERILATOR_ROOT}/include/verilated_threads.cpp")
target_include_directories(agc_verilated SYSTEM PUBLIC "${AGC_VERILATOR_ROOT}/include" "${AGC_VERILATOR_ROOT}/include/vltstd")
target_compile_options(agc_verilated PRIVATE -w)
target_link_libraries(agc_verilated PUBLIC Threads::Threads)

add_library(agc_verilated_fst STATIC EXCLUDE_FROM_ALL "${AGC_VERILATOR_ROOT}/include/verilated_fst_c.cpp")
target_compile_options(agc_verilated_fst PRIVATE -w)
target_link_libraries(agc_verilated_fst PUBLIC agc_verilated z)

function(agc_verilate name)
  cmake_parse_arguments(ARG "TRACE" "TOP;PREFIX;CORE" "SOURCES;OPTIONS" ${ARGN})
  if(NOT ARG_CORE)
    set(ARG_CORE tiny)
  endif()
  if(NOT ARG_PREFIX)
    set(ARG_PREFIX "V${name}")
  endif()
  if(NOT ARG_SOURCES)
    set(ARG_SOURCES ${AGC_CORE_SOURCES})
  endif()
  list(TRANSFORM ARG_SOURCES PREPEND "${CMAKE_CURRENT_SOURCE_DIR}/" REGEX "^[^/]")
  set(packages "${AGC_RTL_GEN}/agc_isa_pkg.sv" "${AGC_RTL_GEN}/${ARG_CORE}/agc_cfg_pkg.sv")
  set(sources ${packages} "${AGC_RTL_GEN}/agc_isa_check.sv" ${ARG_SOURCES})
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${name}.verilated")
  set(archive "${folder}/${ARG_PREFIX}__ALL.a")
  set(trace)
  set(runtime agc_verilated)
  if(ARG_TRACE)
    set(trace --trace-fst)
    set(runtime agc_verilated_fst)
  endif()
  add_custom_command(
    OUTPUT "${archive}"
    COMMAND "${CMAKE_COMMAND}" -E rm -rf "${folder}"
    COMMAND "${AGC_VERILATOR}" --cc --prefix "${ARG_PREFIX}" --top-module "${ARG_TOP}" -Mdir "${folder}" -O3 --x-assign fast --x-initial unique
            -Wno-fatal -Wno-UNUSED -Wno-DECLFILENAME ${trace} ${ARG_OPTIONS} ${sources}
    COMMAND "${CMAKE_COMMAND}" -E env "OBJCACHE=${AGC_CCACHE}" "${AGC_VERILATOR_MAKE}" --silent -C "${folder}" -f "${ARG_PREFIX}.mk"
            "CXX=${AGC_VERILATOR_CXX}" "OPT_FAST=-O3 -fPIC" "OPT_SLOW=-O1 -fPIC" "OPT_GLOBAL=-O3 -fPIC" "${ARG_PREFIX}__ALL.a"
    DEPENDS ${sources}
    COMMENT "Verilating ${ARG_TOP} into ${name}"
    VERBATIM)
  add_custom_target(${name}_model DEPENDS "${archive}")
  add_library(${name} INTERFACE)
  add_dependencies(${name} ${name}_model)
  target_include_directories(${name} SYSTEM INTERFACE "${folder}")
  target_link_libraries(${name} INTERFACE "${archive}" ${runtime})
endfunction()
