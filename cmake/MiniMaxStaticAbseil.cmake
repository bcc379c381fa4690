# Debian's package exports Abseil's shared libraries although it also ships the
# archives. Points every absl:: target at its archive, so that what we link
# needs no Abseil on the machine it runs on.
function(minimax_use_static_abseil)
  get_property(targets DIRECTORY PROPERTY IMPORTED_TARGETS)
  foreach(target IN LISTS targets)
    if(NOT target MATCHES "^absl::")
      continue()
    endif()
    get_target_property(type ${target} TYPE)
    if(NOT type STREQUAL "SHARED_LIBRARY")
      continue()
    endif()
    get_target_property(location ${target} LOCATION)
    string(REGEX REPLACE "\\.so.*$" ".a" archive "${location}")
    if(EXISTS "${archive}")
      get_target_property(configurations ${target} IMPORTED_CONFIGURATIONS)
      foreach(configuration IN LISTS configurations)
        set_target_properties(${target} PROPERTIES
          IMPORTED_LOCATION_${configuration} "${archive}"
          IMPORTED_SONAME_${configuration} "")
      endforeach()
    endif()
  endforeach()
endfunction()
