// What a decoder does with the rows of a stage: reading the symbols, or guessing them.
#pragma once

#include <optional>
#include <vector>

#include "image/picture.h"
#include "stages/coded_planes.h"
#include "stages/pass.h"
#include "stages/tile_streams.h"

namespace residua::codec {

// Reads each tile's stream into samples.
class SymbolReader : public TileCoder {
  public:
    // samples: planes.channels channels of the tiling's size. The arguments must outlive it.
    SymbolReader(const CodedPlanes& planes, const MutablePictureView& samples, const StreamSource& streams,
                 Session& session);

    void begin_tile(int tile_row, int column) override;
    void code_row(int y, int column, const entropy::RowParameters& parameters, int thread) override;
    void end_tile(int tile_row, int column) override;
    bool gathers() const override { return ahead_; }
    bool gather_row(int column, const entropy::RowParameters& parameters) override;
    void take_rows(int column) override;
    void code_rows(int y, int column, int thread) override;

  private:
    // Of a row of the column's widest tile, or of the rows that an adaptive coder holds; null where nobody
    // wants to know.
    uint32_t* lengths(int column, int thread);
    void keep_row(const int16_t* symbols, const uint32_t* lengths, int y, int column);

    const CodedPlanes& planes_;
    const MutablePictureView samples_;
    const StreamSource& streams_;
    std::vector<RowCoder> row_coders_;                     // [thread]
    std::vector<entropy::AdaptiveCoder> adaptive_coders_;  // [column]
    std::vector<std::optional<TileStream>> tiles_;         // [column]
    const bool ahead_;
    StageBits* const bits_;
    std::vector<Buffer<uint32_t>> lengths_;  // [column] where the planes adapt, otherwise [thread]
};

// Paints the mean of each sample's mixture, without any stream.
class MeanPainter : public TileCoder {
  public:
    MeanPainter(const CodedPlanes& planes, const MutablePictureView& samples, int threads);

    void begin_tile(int, int) override {}
    void code_row(int y, int column, const entropy::RowParameters& parameters, int thread) override;
    void end_tile(int, int) override {}

  private:
    const CodedPlanes& planes_;
    const MutablePictureView samples_;
    std::vector<RowCoder> row_coders_;  // [thread]
};

}  // namespace residua::codec
