// The planes of one stage as its entropy coder sees them, encoding and decoding alike.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/session.h"
#include "container/container.h"
#include "entropy/adaptive_coder.h"
#include "entropy/mixture.h"
#include "entropy/tables.h"
#include "entropy/uniform.h"
#include "stages/symbols.h"
#include "stages/tiling.h"

namespace residua::codec {

struct CodedPlanes {
    int stage = 0;  // index of container::File::streams
    Tiling tiling;
    int channels;   // coded channels
    int scale = 0;  // a sample stands for 2^scale × 2^scale pixels
    entropy::Alphabet alphabet;
    SymbolBase base = {};
    // Of the mixture; null: all symbols are equally likely, and the alphabets of all channels the same.
    const entropy::DistributionTables* tables = nullptr;
    std::span<const int8_t> tau = {};  // one per channel and component, or none
    bool adaptive = false;             // the mixtures adapt to each tile: entropy::AdaptiveCoder
    // How many symbols take about the bits of one sub-pixel; the encoder gives their streams as few lanes.
    int symbols_per_subpixel = 1;

    uint64_t tile_symbols(int tile_row, int column) const {
        return uint64_t(tiling.column_width(column)) * uint64_t(tiling.row_height(tile_row)) *
               uint64_t(channels);
    }
    bool adapts() const { return adaptive && tables; }
    // Index of a tile's first sample in a row.
    ptrdiff_t first_sample(int column) const {
        return static_cast<ptrdiff_t>(tiling.column_start(column)) * channels;
    }
};

// The header's alphabets of the picture (L3C) or its residual (RC).
entropy::Alphabet coded_alphabet(const container::Header& header);

// What a thread needs to code rows of tiles.
class RowCoder {
  public:
    explicit RowCoder(const CodedPlanes& planes);

    // Space for one row of the widest tile, [x][c].
    int16_t* symbols() { return symbols_.data(); }

    // As MixtureCoder, of symbols(). `parameters` are of no account when all symbols are equally likely.
    void intervals(const entropy::RowParameters& parameters, int pixels, entropy::Interval* out);
    void decode_row(entropy::RansDecoder& decoder, const entropy::RowParameters& parameters, int pixels,
                    uint32_t* lengths = nullptr);
    void draw_row(entropy::RansDecoder& random, const entropy::RowParameters& parameters, int pixels);
    void means(const entropy::RowParameters& parameters, int pixels);

  private:
    std::optional<entropy::MixtureCoder> mixture_;
    std::optional<entropy::UniformCoder> uniform_;  // if there is no mixture
    std::vector<int16_t> symbols_;
};

std::vector<RowCoder> make_row_coders(const CodedPlanes& planes, int threads);

// One for each column of tiles, where the planes adapt; otherwise none. With fewer columns than threads they
// work ahead (TileCoder::gathers).
std::vector<entropy::AdaptiveCoder> make_adaptive_coders(const CodedPlanes& planes, Session& session);
bool codes_ahead(const CodedPlanes& planes, const Session& session);

}  // namespace residua::codec
