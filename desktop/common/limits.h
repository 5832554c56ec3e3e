// What a viewer gives to a file of a stranger.
#pragma once

#include <cstddef>
#include <cstdint>
#include <residua/residua.hpp>

namespace desktop {

inline constexpr size_t kMaxFileBytes = size_t{1} << 30;
inline constexpr uint64_t kMaxDecoderBytes = uint64_t{1} << 31;
inline constexpr uint64_t kMaxPixels = uint64_t{1} << 29;

inline residua::context make_context() {
    residua_settings settings = RESIDUA_INIT(residua_settings);
    settings.memory_limit = kMaxDecoderBytes;
    return residua::context(settings);
}

}  // namespace desktop
