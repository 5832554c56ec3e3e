// The HEVC decoder behind one narrow interface; dec_hevc_*.cc implements it with a library.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "base/memory.h"
#include "lossy/hevc_sps.h"
#include "lossy/planes.h"

namespace residua::lossy {

// Whether this build has a decoder. Without one the functions below throw kUnsupported.
bool has_hevc_decoder();
// Throws that.
void require_hevc_decoder();

// Decodes the one intra picture of `data` (PPS and slice NAL units, the first without start
// code) with the SPS that BPG's rules give, and calls `picture` with its planes, valid
// during the call. They come from the allocator, and the copy that sample adaptive offset
// works on is counted there, too. The data may be anything: throws kCorrupt when the library
// reports damage, or no picture of that format comes out, or a part of it was never decoded;
// kMemoryLimit, kOutOfMemory. Uses fewer threads where the system lets it start no more.
void decode_hevc(const HevcSps& sps, std::span<const uint8_t> data, Allocator& allocator, int threads,
                 const std::function<void(const PlanesView&)>& picture);

// What the library needs at its peak beside the planes and their copy: an upper estimate (measured,
// docs/lab/lossy-layer.md).
uint64_t hevc_decoder_memory(const HevcFormat& format, size_t data_bytes);

}  // namespace residua::lossy
