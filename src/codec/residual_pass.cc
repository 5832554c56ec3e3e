#include "codec/residual_pass.h"

#include <algorithm>

#include "codec/network_input.h"
#include "nn/executor.h"

namespace residua::codec {

namespace {

// The outputs of row y from pixel x on.
entropy::RowParameters parameters_at(const nn::Executor::OutputRows& rows, int y, int x, int components) {
    const auto at = [&](models::RcOutput output) {
        return rows.row(output, y) + static_cast<ptrdiff_t>(x) * models::kRcChannels * components;
    };
    return {at(models::kMu), at(models::kLogSigma), at(models::kWeight), at(models::kLambda)};
}

// How far the lossy layer lies from x_l, its rounding.
void fill_origin(const uint16_t* fine, int samples, int16_t* origin) {
    for (int i = 0; i < samples; ++i)
        origin[i] = static_cast<int16_t>(fine[i] - (round_fine(fine[i]) << kFineBits));
}

}  // namespace

void run_residual_pass(const models::RcModel& model, const FineView& lossy, const Tiling& tiling,
                       ResidualCoder& coder, Session& session) {
    NetworkInput input(lossy, model.conditioning, model.network.graph().align);
    nn::Executor executor(model.network, input.width(), input.height(), session.allocator, session.threads);
    const bool fine = model.conditioning == models::Conditioning::kFine;
    std::vector<std::vector<int16_t>> origins(static_cast<size_t>(session.threads.size()));
    for (auto& origin : origins) origin.resize(static_cast<size_t>(tiling.tile_width * lossy.channels));

    // Rows first … end − 1 of one column, with the tiles that begin and end there.
    const auto code_column = [&](const nn::Executor::OutputRows& rows, int end, int column, int thread) {
        int16_t* origin = origins[static_cast<size_t>(thread)].data();
        const int start = tiling.column_start(column);
        for (int y = rows.first_row; y < end; ++y) {
            const int tile_row = y / tiling.tile_height;
            if (y == tiling.row_start(tile_row)) coder.begin_tile(tile_row, column);
            entropy::RowParameters parameters = parameters_at(rows, y, start, model.tables.components);
            if (fine) {
                fill_origin(lossy.row(y) + start * lossy.channels,
                            tiling.column_width(column) * lossy.channels, origin);
                parameters.origin = origin;
            }
            coder.code_row(y, column, parameters, thread);
            if (y + 1 == tiling.row_start(tile_row) + tiling.row_height(tile_row))
                coder.end_tile(tile_row, column);
        }
    };
    executor.run([&input](int y, uint8_t* row) { input.row(y, row); },
                 [&](const nn::Executor::OutputRows& rows) {
                     const int end = std::min(rows.first_row + rows.row_count, lossy.height);
                     session.threads.parallel_for(tiling.columns(), [&](int64_t column, int thread) {
                         code_column(rows, end, static_cast<int>(column), thread);
                     });
                     session.progress.update(static_cast<double>(end) / lossy.height);
                 });
}

std::vector<RowCoder> make_row_coders(const models::RcModel& model, const container::Header& header,
                                      int threads) {
    const int coded = coded_channels(header.kind);
    entropy::Alphabet alphabet{};
    for (int c = 0; c < coded; ++c) {
        alphabet.low[c] = header.alphabets[static_cast<size_t>(c)].lowest;
        alphabet.high[c] = header.alphabets[static_cast<size_t>(c)].highest;
    }
    // The file has tau for the coded channels only.
    std::vector<int8_t> tau = header.tau;
    if (!tau.empty()) tau.resize(static_cast<size_t>(model.tables.channels * model.tables.components));
    std::vector<RowCoder> coders;
    for (int i = 0; i < threads; ++i)
        coders.push_back({entropy::MixtureCoder(model.tables, alphabet, tau, coded),
                          std::vector<int16_t>(static_cast<size_t>(header.tile_width * coded))});
    return coders;
}

}  // namespace residua::codec
