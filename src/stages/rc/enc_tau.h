// Tau for one picture: found on a sample of its pixels, kept only if the file becomes smaller.
#pragma once

#include <vector>

#include "stages/coded_planes.h"
#include "stages/enc_stage.h"
#include "stages/enc_tiles.h"
#include "stages/pass.h"
#include "stages/rc/model.h"

namespace residua::codec {

// For the residual planes of x, without tau. Empty if the sample promises less than the numbers cost.
std::vector<int8_t> find_tau(const PictureView& x, const FineView& lossy, const CodedPlanes& planes,
                             const models::RcModel& model, Session& session);

// Writes the tiles both without tau and with it, in one pass of the network.
class TauWriter : public TileCoder {
  public:
    // The arguments must outlive it. The draft's header has no tau.
    TauWriter(const CodedPlanes& plain, std::vector<int8_t> tau, const PictureView& samples, Draft& draft,
              Session& session);

    void begin_tile(int tile_row, int column) override;
    void code_row(int y, int column, const entropy::RowParameters& parameters, int thread) override;
    void end_tile(int tile_row, int column) override;

    // After the pass: leaves in the draft what makes the smaller file, and says whether that is tau.
    bool choose();

  private:
    Draft& draft_;
    Draft other_;  // with tau
    CodedPlanes planes_;
    SymbolWriter plain_writer_, tau_writer_;
};

}  // namespace residua::codec
