# Compiler libraries see MLIR's headers and follow its build: no RTTI where
# LLVM has none, no exceptions.
function(minimax_compiler_options target)
  target_include_directories(${target} PUBLIC
    ${PROJECT_SOURCE_DIR}/include ${PROJECT_BINARY_DIR}/include)
  target_include_directories(${target} SYSTEM PUBLIC
    ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
  target_compile_options(${target} PRIVATE
    -fno-exceptions $<$<NOT:$<BOOL:${LLVM_ENABLE_RTTI}>>:-fno-rtti>)
endfunction()

# minimax_add_library(NAME sources... DEPENDS tablegen targets LINK_LIBS libraries)
function(minimax_add_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK_LIBS" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  minimax_compiler_options(${name})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  target_link_libraries(${name} PUBLIC ${ARG_LINK_LIBS} MLIR LLVM)
endfunction()

# minimax_add_tool(NAME sources...): a compiler tool with everything registered.
function(minimax_add_tool name)
  add_executable(${name} ${ARGN})
  minimax_compiler_options(${name})
  target_link_libraries(${name} PRIVATE MiniMaxInitAll)
endfunction()
