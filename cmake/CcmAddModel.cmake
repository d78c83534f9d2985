# ccm_add_model(<target> <declaration> [STATIC | SHARED] [ENTRIES <word>]
#               [OPTIONS <option>...])
#
# Compiles a declaration (model.json) when the project is built, and again when it or the compiler
# changes. <target> is then linked like any library: it brings the model's header, which is included
# as "<target>.h", and the model itself.
#
#   STATIC   (default) the model becomes part of what links it
#   SHARED   the model is a library of its own, $<TARGET_FILE:<target>>, which a program links, or
#            loads by that path; a program that only loads it needs add_dependencies
#   ENTRIES  what it can do: infer, train or all (default)
#   OPTIONS  given to ccm-compile: --target=x86-64-v3, -j 1, ...
#
# <target> is imported and known in the whole project.
function(ccm_add_model target declaration)
  cmake_parse_arguments(PARSE_ARGV 2 model "STATIC;SHARED" "ENTRIES" "OPTIONS")
  if(model_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "ccm_add_model: unknown arguments ${model_UNPARSED_ARGUMENTS}")
  endif()
  if(model_STATIC AND model_SHARED)
    message(FATAL_ERROR "ccm_add_model: STATIC and SHARED exclude each other")
  endif()
  if(model_ENTRIES)
    list(APPEND model_OPTIONS --entries=${model_ENTRIES})
  endif()
  set(kind STATIC)
  set(suffix a)
  set(soname)
  if(model_SHARED)
    set(kind SHARED)
    set(suffix so)
    set(soname --soname ${target}.so)
  endif()
  get_filename_component(declaration ${declaration} ABSOLUTE BASE_DIR ${CMAKE_CURRENT_SOURCE_DIR})
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}.model)
  set(header ${folder}/${target}.h)
  set(library ${folder}/${target}.${suffix})
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(OUTPUT ${header}
    COMMAND ccm::ccm-compile ${declaration} -o ${header} -q --depfile ${header}.d
    DEPENDS ${declaration} ccm::ccm-compile DEPFILE ${header}.d
    COMMENT "Writing the header of model ${target}" VERBATIM)
  add_custom_command(OUTPUT ${library}
    COMMAND ccm::ccm-compile ${declaration} -o ${library} -q --depfile ${library}.d
      ${soname} ${model_OPTIONS}
    DEPENDS ${declaration} ccm::ccm-compile DEPFILE ${library}.d
    COMMENT "Compiling model ${target}" VERBATIM)
  add_custom_target(${target}-model DEPENDS ${header} ${library})
  add_library(${target} ${kind} IMPORTED GLOBAL)
  add_dependencies(${target} ${target}-model)
  set_target_properties(${target} PROPERTIES IMPORTED_LOCATION ${library}
    INTERFACE_INCLUDE_DIRECTORIES ${folder} INTERFACE_LINK_LIBRARIES ccm::abi)
endfunction()
