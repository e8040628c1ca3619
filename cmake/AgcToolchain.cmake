# Choices that depend on what the machine has: ccache, lld, LLVM's prefix, the project's Python environment.
# Everything given on the command line or by a preset wins.

find_program(AGC_CCACHE ccache)
if(AGC_CCACHE)
  foreach(language C CXX)
    if(NOT DEFINED CMAKE_${language}_COMPILER_LAUNCHER)
      set(CMAKE_${language}_COMPILER_LAUNCHER "${AGC_CCACHE}")
    endif()
  endforeach()
endif()

set(AGC_LLVM_PREFIX /usr/lib/llvm-19 CACHE PATH "Prefix of LLVM and MLIR 19")
if(EXISTS "${AGC_LLVM_PREFIX}")
  list(APPEND CMAKE_PREFIX_PATH "${AGC_LLVM_PREFIX}")
endif()

# g++ finds lld by the folder of -B, because Debian names the program of the PATH ld.lld-19.
find_program(AGC_LLD ld.lld HINTS "${AGC_LLVM_PREFIX}/bin")
if(AGC_LLD AND NOT CMAKE_EXE_LINKER_FLAGS MATCHES "-fuse-ld=")
  get_filename_component(lld_folder "${AGC_LLD}" DIRECTORY)
  add_link_options(-fuse-ld=lld "-B${lld_folder}")
endif()

if(NOT Python3_EXECUTABLE AND EXISTS "${PROJECT_SOURCE_DIR}/.venv/bin/python")
  set(Python3_EXECUTABLE "${PROJECT_SOURCE_DIR}/.venv/bin/python")
endif()
