// Decoder of DCT coefficients. docs/format-dct.md describes the stream.
#pragma once

#include <span>

#include "dct/component.h"
#include "entropy/dec_rans.h"

namespace residua::dct {

// The mirror image of encode() (enc_coefficients.h), of a stream with one lane: fills the components'
// coefficients, whose sizes and steps the caller knows. Throws kCorrupt for what no encoder writes; other
// damage gives some coefficients or is found by decoder.finish(), which the caller calls. Time is bounded by
// the components' sizes. Working memory as for encode(). `lengths`: for each component
// an array that gets how many bits each of its blocks took, in the units of entropy/code_length.h; empty:
// nobody wants to know.
void decode(entropy::RansDecoder& decoder, std::span<const Component> components,
            std::span<uint32_t* const> lengths = {});

}  // namespace residua::dct
