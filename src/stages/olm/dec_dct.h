// Decoding the planes of a picture that is coded as blocks.
#pragma once

#include "entropy/dec_rans.h"
#include "stages/olm/dct_tiles.h"
#include "stages/stage_bits.h"

namespace residua::codec {

// Decodes one tile's coefficients, and makes of them the samples that its blocks have within the planes.
// planes, chroma: as PlanesView has them. Different tiles of a picture write different samples. Throws
// kCorrupt or kTruncated. `bits`: gets what each block took, unless it is null.
void decode_dct_tile(const PlaneTransform& transform, const DctTile& tile, entropy::RansDecoder& decoder,
                     const MutablePictureView& planes, const MutablePictureView& chroma, StageBits* bits,
                     Allocator& allocator);

}  // namespace residua::codec
