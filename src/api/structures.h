// The sizes that the interface's structures have had (docs/abi.md). A structure that grows gets one more.
#pragma once

#include <residua/research.h>

#include "api/versioned.h"

namespace residua::api {

template <typename T>
constexpr size_t end_of(size_t offset) {
    return offset + sizeof(T);  // NOLINT(bugprone-sizeof-expression): of the pointer, where the field is one
}
#define RESIDUA_END(structure, field) end_of<decltype(structure::field)>(offsetof(structure, field))

#define RESIDUA_VERSIONS(structure, reserved_fields, ...)                                         \
    template <>                                                                                   \
    struct Versions<structure> {                                                                  \
        static constexpr const char* name = #structure;                                           \
        static constexpr size_t sizes[] = {__VA_ARGS__};                                          \
        static uint64_t reserved([[maybe_unused]] const structure& s) { return reserved_fields; } \
    }

RESIDUA_VERSIONS(residua_settings, 0, RESIDUA_END(residua_settings, run_user));
RESIDUA_VERSIONS(residua_limits, 0, RESIDUA_END(residua_limits, strips));
RESIDUA_VERSIONS(residua_image, s.reserved, RESIDUA_END(residua_image, owner));
RESIDUA_VERSIONS(residua_model_info, s.reserved, RESIDUA_END(residua_model_info, reserved));
RESIDUA_VERSIONS(residua_encode_options, s.reserved, RESIDUA_END(residua_encode_options, research));
RESIDUA_VERSIONS(residua_row_source, s.reserved, RESIDUA_END(residua_row_source, user));
RESIDUA_VERSIONS(residua_byte_sink, 0, RESIDUA_END(residua_byte_sink, user));
RESIDUA_VERSIONS(residua_byte_source, 0, RESIDUA_END(residua_byte_source, size));
RESIDUA_VERSIONS(residua_row_sink, 0, RESIDUA_END(residua_row_sink, user));
RESIDUA_VERSIONS(residua_info, 0, RESIDUA_END(residua_info, pixel_checksum));
RESIDUA_VERSIONS(residua_research_options, 0, RESIDUA_END(residua_research_options, adaptation));
RESIDUA_VERSIONS(residua_sample_options, 0, RESIDUA_END(residua_sample_options, seed));
RESIDUA_VERSIONS(residua_research_info, s.reserved, RESIDUA_END(residua_research_info, bpsp));
RESIDUA_VERSIONS(residua_research_model_info, 0, RESIDUA_END(residua_research_model_info, has_q_classifier));
RESIDUA_VERSIONS(residua_research_times, 0, RESIDUA_END(residua_research_times, other));

#undef RESIDUA_VERSIONS
#undef RESIDUA_END

}  // namespace residua::api
