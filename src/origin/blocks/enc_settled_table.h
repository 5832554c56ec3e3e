// What the steps of a JPEG are where its coefficients do not say it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "planes/dct_plane.h"

namespace residua::codec {

// estimate: steps that explain the coefficients, whatever these are: where nearly all are zero, a few samples
// that are wrong make coefficients that no JPEG had, and a step for them. known: of each frequency how many
// coefficients are surely not zero; blocks: how many there are. If the well-known steps are those of one of
// libjpeg's tables, all are. Otherwise steps that few coefficients ask for, far below their neighbours', are
// those of the larger neighbour.
// other: the steps of another plane of the same JPEG, or null. They are this plane's, too, if most well-known
// steps are equal and all are multiples: of a JPEG that was one before, with larger steps, nearly all
// coefficients are multiples of these.
QuantTable settled_table(const QuantTable& estimate, const std::array<uint64_t, kBlockSize>& known,
                         uint64_t blocks, const QuantTable* other = nullptr);

// libjpeg's tables for chroma of the quality that luma's steps are of, more than one where qualities have the
// same; none if luma's are not libjpeg's.
std::vector<QuantTable> chroma_tables(const QuantTable& luma);

// Tables that programs write, of all qualities: libjpeg's and the one that mozjpeg has for all planes.
std::vector<QuantTable> usual_tables();

}  // namespace residua::codec
