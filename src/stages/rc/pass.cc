#include "stages/rc/pass.h"

#include "stages/rc/network_input.h"

namespace residua::codec {

CodedPlanes residual_planes(const container::Header& header, const models::RcModel& model,
                            const FineView& lossy) {
    CodedPlanes planes{};
    planes.tiling = Tiling::of(header);
    planes.channels = lossy.channels;
    planes.alphabet = coded_alphabet(header);
    planes.base = SymbolBase(lossy);
    planes.tables = &model.tables;
    planes.tau = header.tau;
    planes.adaptive = header.adaptive;
    return planes;
}

void run_residual_pass(const models::RcModel& model, const FineView& lossy, const Tiling& tiling,
                       TileCoder& coder, Session& session) {
    NetworkInput input(lossy, model.conditioning, model.network.graph().align);
    const nn::Executor::InputRow rows = [&input](int y, uint8_t* row) { input.row(y, row); };
    NetworkPass pass{.network = model.network,
                     .tables = model.tables,
                     .width = input.width(),
                     .height = input.height(),
                     .inputs = {&rows, 1}};
    if (model.conditioning == models::Conditioning::kFine) {
        // How far the lossy layer lies from x_l, its rounding.
        pass.origin_channels = lossy.channels;
        pass.origin = [&lossy](int y, int x, int pixels, int16_t* origin) {
            const uint16_t* fine = lossy.row(y) + static_cast<ptrdiff_t>(x) * lossy.channels;
            for (int i = 0; i < pixels * lossy.channels; ++i)
                origin[i] = static_cast<int16_t>(fine[i] - (round_fine(fine[i]) << kFineBits));
        };
    }
    run_pass(pass, tiling, coder, session);
}

}  // namespace residua::codec
