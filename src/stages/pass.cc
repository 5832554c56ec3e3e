#include "stages/pass.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "models/mixture_network.h"

namespace residua::codec {

namespace {

// Rows first … end − 1 of one column, with the tiles that begin and end there. parameters(y): of those rows.
template <typename Parameters>
void code_column(const Tiling& tiling, TileCoder& coder, int first, int end, int column, int thread,
                 const Parameters& parameters) {
    for (int y = first; y < end; ++y) {
        const int tile_row = y / tiling.tile_height;
        if (y == tiling.row_start(tile_row)) coder.begin_tile(tile_row, column);
        coder.code_row(y, column, parameters(y), thread);
        if (tiling.ends_tile(y)) coder.end_tile(tile_row, column);
    }
}

// As code_column for all columns, while the network goes on: see TileCoder::gathers.
class CodingAhead {
  public:
    CodingAhead(const Tiling& tiling, TileCoder& coder, ThreadPool& threads)
        : tiling_(tiling), coder_(coder), threads_(threads) {}
    ~CodingAhead() {
        try {
            threads_.finish();
        } catch (...) {  // what ended the pass is the error to be told of
        }
    }
    CodingAhead(const CodingAhead&) = delete;
    CodingAhead& operator=(const CodingAhead&) = delete;

    // parameters(y, column)
    template <typename Parameters>
    void rows(int first, int end, const Parameters& parameters) {
        const int columns = tiling_.columns();
        for (int y = first; y < end; ++y) {
            bool due = tiling_.ends_tile(y);
            for (int column = 0; column < columns; ++column)
                due = coder_.gather_row(column, parameters(y, column)) || due;
            if (!due) continue;
            threads_.finish();
            for (int column = 0; column < columns; ++column) coder_.take_rows(column);
            const int since = std::exchange(coded_, y + 1);
            threads_.begin(columns, [this, since, y](int64_t i, int thread) {
                const int column = static_cast<int>(i), tile_row = y / tiling_.tile_height;
                if (since == tiling_.row_start(tile_row)) coder_.begin_tile(tile_row, column);
                coder_.code_rows(y, column, thread);
                if (tiling_.ends_tile(y)) coder_.end_tile(tile_row, column);
            });
        }
    }
    void finish() { threads_.finish(); }

  private:
    const Tiling& tiling_;
    TileCoder& coder_;
    ThreadPool& threads_;
    int coded_ = 0;  // rows, or about to be
};

class NetworkRows {
  public:
    NetworkRows(const NetworkPass& pass, const nn::Executor::OutputRows& rows) : pass_(pass), rows_(rows) {}

    // The outputs of row y from pixel x on.
    entropy::RowParameters parameters(int y, int x) const {
        return {at(models::kMu, y, x), at(models::kLogSigma, y, x), at(models::kWeight, y, x),
                pass_.tables.coupled() ? at(models::kLambda, y, x) : nullptr};
    }

    void keep_features(int y) const {
        uint8_t* to = pass_.features->row(y);
        const int channels = pass_.features->channels;
        const int pixel_bytes = rows_.pixel_bytes(pass_.feature_output);
        const uint8_t* from = rows_.bytes(pass_.feature_output, y);
        if (pixel_bytes == channels) {
            std::memcpy(to, from, static_cast<size_t>(pass_.width) * static_cast<size_t>(channels));
            return;
        }
        for (int x = 0; x < pass_.width; ++x, to += channels, from += pixel_bytes)
            std::memcpy(to, from, static_cast<size_t>(channels));
    }

  private:
    const int16_t* at(models::MixtureOutput output, int y, int x) const {
        // Lambda has three values per component, and is there for three channels only.
        return rows_.row(output, y) +
               static_cast<ptrdiff_t>(x) * pass_.tables.channels * pass_.tables.components;
    }

    const NetworkPass& pass_;
    const nn::Executor::OutputRows& rows_;
};

}  // namespace

void run_pass(const NetworkPass& pass, const Tiling& tiling, TileCoder& coder, Session& session) {
    nn::Executor executor(pass.network, pass.width, pass.height, session.allocator, session.threads);
    std::vector<std::vector<int16_t>> origins(static_cast<size_t>(session.threads.size()));
    if (pass.origin)
        for (auto& origin : origins)
            origin.resize(static_cast<size_t>(tiling.column_width(0)) *
                          static_cast<size_t>(pass.origin_channels));

    const auto parameters = [&](const NetworkRows& rows, int y, int column, int thread) {
        const int x = tiling.column_start(column);
        entropy::RowParameters row = rows.parameters(y, x);
        if (pass.origin) {
            int16_t* origin = origins[static_cast<size_t>(thread)].data();
            pass.origin(y, x, tiling.column_width(column), origin);
            row.origin = origin;
        }
        return row;
    };
    CodingAhead ahead(tiling, coder, session.threads);

    const WorkScope network(session.clock, Work::kNetwork);
    executor.run(pass.inputs, [&](const nn::Executor::OutputRows& outputs) {
        const WorkScope coding(session.clock, Work::kEntropyCoder);
        const NetworkRows rows(pass, outputs);
        const int first = outputs.first_row;
        const int end = std::min(first + outputs.row_count, tiling.height);
        const int columns = tiling.columns();
        // The columns first: they take longest, and the threads that have none keep the features meanwhile.
        const int kept = pass.features ? outputs.row_count : 0;
        const int coded = coder.gathers() ? 0 : columns;
        if (coder.gathers())
            ahead.rows(first, end, [&](int y, int column) { return parameters(rows, y, column, 0); });
        session.threads.parallel_for(coded + kept, [&](int64_t task, int thread) {
            const int i = static_cast<int>(task);
            if (i >= coded) return rows.keep_features(first + i - coded);
            code_column(tiling, coder, first, end, i, thread,
                        [&](int y) { return parameters(rows, y, i, thread); });
        });
        session.progress.update(static_cast<double>(end) / tiling.height);
    });
    const WorkScope coding(session.clock, Work::kEntropyCoder);
    ahead.finish();
}

void run_pass(const Tiling& tiling, TileCoder& coder, Session& session) {
    const WorkScope coding(session.clock, Work::kEntropyCoder);
    session.threads.parallel_for(tiling.columns(), [&](int64_t column, int thread) {
        code_column(tiling, coder, 0, tiling.height, static_cast<int>(column), thread,
                    [](int) { return entropy::RowParameters{}; });
    });
    session.progress.update(1);
}

}  // namespace residua::codec
