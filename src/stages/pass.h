// A stage's way over its planes, from top to bottom, as encoder and decoder share it: where there is a
// network, it runs over its inputs, and each row of its outputs goes to the coder of the tiles, which writes
// or reads the symbols of that row.
#pragma once

#include <functional>
#include <span>

#include "base/session.h"
#include "entropy/mixture.h"
#include "image/picture_memory.h"
#include "nn/executor.h"
#include "stages/tiling.h"

namespace residua::codec {

// The side that knows the symbols (SymbolWriter), finds them (SymbolReader) or guesses them (MeanPainter). In
// a row of tiles the calls for different columns may come from different threads, 0 ≤ thread <
// session.threads.size(); those for one column come in order.
class TileCoder {
  public:
    virtual ~TileCoder() = default;
    virtual void begin_tile(int tile_row, int column) = 0;
    // Row y of the planes, the pixels of that column. `parameters` starts at the column's first pixel;
    // without a network it has only null pointers.
    virtual void code_row(int y, int column, const entropy::RowParameters& parameters, int thread) = 0;
    virtual void end_tile(int tile_row, int column) = 0;

    // Where a picture has fewer columns than there are threads, coders that gather rows before they code them
    // can leave the coding to a thread while the network goes on. For such a coder the pass calls, instead of
    // code_row, gather_row for each row, on its own thread, and after the last row of a tile and whenever
    // gather_row says so, take_rows and then on any thread code_rows, which codes the rows up to y.
    // begin_tile and end_tile come from that thread, too, before a tile's first code_rows and after its last
    // one.
    virtual bool gathers() const { return false; }
    virtual bool gather_row(int column, const entropy::RowParameters& parameters) {
        (void)column, (void)parameters;
        return false;
    }
    virtual void take_rows(int column) { (void)column; }
    virtual void code_rows(int y, int column, int thread) { (void)y, (void)column, (void)thread; }
};

// A network with the outputs of models/mixture_network.h, and what it reads.
struct NetworkPass {
    const nn::Network& network;
    const entropy::DistributionTables& tables;
    int width;  // of the network's picture: the coded planes, or what they are padded to
    int height;
    std::span<const nn::Executor::InputRow> inputs;
    // Writes RowParameters::origin of the pixels x … x + pixels − 1 of row y; null: there is none.
    std::function<void(int y, int x, int pixels, int16_t* origin)> origin = {};
    int origin_channels = 0;
    // Where the rows of the network's output number `feature_output` go, width × height; null: nowhere.
    Picture* features = nullptr;
    int feature_output = 0;
};

// Every row of every tile is coded once.
void run_pass(const NetworkPass& pass, const Tiling& tiling, TileCoder& coder, Session& session);

// Without a network.
void run_pass(const Tiling& tiling, TileCoder& coder, Session& session);

}  // namespace residua::codec
