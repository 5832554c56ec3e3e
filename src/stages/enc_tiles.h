// What an encoder does with the planes of a stage: cutting them into tiles and writing the tiles' streams.
#pragma once

#include <array>
#include <vector>

#include "entropy/enc_rans.h"
#include "image/picture.h"
#include "stages/coded_planes.h"
#include "stages/enc_stage.h"
#include "stages/pass.h"

namespace residua::codec {

// Equal tiles of about that side, in multiples of the format's unit.
int tile_side(int side, int about);

// Tiles for planes that are coded row by row (pass.h).
struct TilePlan {
    int height;  // about; less where a row of tiles would take too much memory
    // From so many pixels on a picture has two columns, however narrow; 0: it may have one.
    int two_columns_pixels = 0;
};
// Sets the tiles' width and height, from the picture's size and the number of scales in the header.
void choose_tiles(container::Header& header, const TilePlan& plan);

// The smallest alphabets that hold every symbol of x.
std::array<container::Alphabet, 3> find_alphabets(const PictureView& x, const SymbolBase& base,
                                                  ThreadPool& threads);

// Collects each tile's intervals, then codes and proves it.
class SymbolWriter : public TileCoder {
  public:
    // samples: planes.channels channels of the tiling's size. The arguments must outlive it.
    SymbolWriter(const CodedPlanes& planes, const PictureView& samples, Draft& draft, Session& session);

    void begin_tile(int tile_row, int column) override;
    void code_row(int y, int column, const entropy::RowParameters& parameters, int thread) override;
    void end_tile(int tile_row, int column) override;
    bool gathers() const override { return ahead_; }
    bool gather_row(int column, const entropy::RowParameters& parameters) override;
    void take_rows(int column) override;
    void code_rows(int y, int column, int thread) override;

  private:
    struct Column {
        Buffer<entropy::Interval> intervals;  // of the tile so far
        Buffer<uint8_t> positions;            // the same, where the planes adapt
        size_t used;
    };
    std::vector<uint8_t> encode(const Column& tile, const entropy::TileShape& shape) const;

    const CodedPlanes& planes_;
    const PictureView samples_;
    std::vector<CountedBytes>& streams_;  // [tile]
    Allocator& allocator_;
    std::vector<RowCoder> row_coders_;                     // [thread]
    std::vector<entropy::AdaptiveCoder> adaptive_coders_;  // [column]
    const bool ahead_;
    std::vector<Column> columns_;
};

}  // namespace residua::codec
