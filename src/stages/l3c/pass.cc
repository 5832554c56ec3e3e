#include "stages/l3c/pass.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "stages/l3c/anchor.h"

namespace residua::codec {

namespace {

nn::Executor::InputRow rows_of(const Picture& planes) {
    return [&planes](int y, uint8_t* row) {
        std::memcpy(row, planes.row(y), static_cast<size_t>(planes.stride()));
    };
}

}  // namespace

CodedPlanes scale_planes(const container::Header& header, const models::L3cModel& model, int s) {
    CodedPlanes planes{};
    planes.stage = model.scales - s;
    planes.adaptive = header.adaptive;
    planes.scale = s;
    if (s == 0) {
        planes.tiling = Tiling::of(header);
        planes.channels = header.coded_channels();
        planes.alphabet = coded_alphabet(header);
    } else {
        planes.tiling = Tiling::of_scale(header, s);
        planes.channels = model.channels;
        std::fill_n(planes.alphabet.low, model.channels, model.lowest());
        std::fill_n(planes.alphabet.high, model.channels, model.highest());
        // A learned z tells much with few levels.
        if (model.kind == models::LatentKind::kLearned) planes.symbols_per_subpixel = 2;
    }
    if (s < model.scales) planes.tables = model.scale[static_cast<size_t>(planes.stage - 1)].tables.get();
    return planes;
}

Picture make_planes(const CodedPlanes& planes, Allocator& allocator) {
    return {allocator, planes.tiling.width, planes.tiling.height, planes.channels};
}

void run_scale_pass(const models::L3cModel& model, int s, const CodedPlanes& planes, Known& known,
                    TileCoder& coder, Session& session) {
    const models::L3cScale& scale = model.scale[static_cast<size_t>(model.scales - s)];
    Picture z = std::move(*known.z[static_cast<size_t>(s)]);
    known.z[static_cast<size_t>(s)].reset();
    std::vector<nn::Executor::InputRow> inputs = {rows_of(z)};
    if (scale.feature_inputs > 0) inputs.push_back(rows_of(*known.features));
    NetworkPass pass{.network = *scale.network,
                     .tables = *scale.tables,
                     .width = 2 * z.width,
                     .height = 2 * z.height,
                     .inputs = inputs};
    const Anchor anchor(model, s, z, planes.channels);
    if (model.anchored) {
        pass.origin_channels = planes.channels;
        pass.origin = [&anchor](int y, int x, int pixels, int16_t* origin) {
            anchor.row(y, x, pixels, origin);
        };
    }
    std::optional<Picture> features;
    if (scale.feature_outputs > 0) {
        features.emplace(session.allocator, pass.width, pass.height, scale.feature_outputs);
        pass.features = &*features;
        pass.feature_output = scale.feature_output();
    }
    run_pass(pass, planes.tiling, coder, session);
    known.features = std::move(features);
}

double scale_share(int scales, int s) {
    double all = 0;
    for (int i = 1; i <= scales; ++i) all += std::ldexp(1, 2 * (1 - i));
    return std::ldexp(1, 2 * (1 - s)) / all;
}

}  // namespace residua::codec
