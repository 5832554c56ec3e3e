// RC's residual stage, as encoder and decoder share it: the network runs over x_l from top to bottom, and
// each row of its outputs goes to a coder, which writes or reads the symbols of that row.
#pragma once

#include <vector>

#include "codec/session.h"
#include "codec/tiling.h"
#include "entropy/mixture.h"
#include "image/picture.h"
#include "models/rc.h"

namespace residua::codec {

// The side that knows the symbols (the writer) or finds them (the reader). Tiles are numbered row by row; in
// a row of tiles the calls for different columns may come from different threads, 0 ≤ thread <
// session.threads.size(); those for one column come in order.
class ResidualCoder {
  public:
    virtual ~ResidualCoder() = default;
    virtual void begin_tile(int tile_row, int column) = 0;
    // Row y of the picture, the pixels of that column; `parameters` starts at the column's first pixel.
    virtual void code_row(int y, int column, const entropy::RowParameters& parameters, int thread) = 0;
    virtual void end_tile(int tile_row, int column) = 0;
};

// lossy: 1 or 3 channels, of the tiling's picture size. Every row of every tile is coded once, top to bottom.
void run_residual_pass(const models::RcModel& model, const FineView& lossy, const Tiling& tiling,
                       ResidualCoder& coder, Session& session);

// What a thread needs to code rows.
struct RowCoder {
    entropy::MixtureCoder mixture;
    std::vector<int16_t> residual;  // one row of the widest tile, [x][c]
};

// One per thread, with the file's alphabets and tau.
std::vector<RowCoder> make_row_coders(const models::RcModel& model, const container::Header& header,
                                      int threads);

}  // namespace residua::codec
