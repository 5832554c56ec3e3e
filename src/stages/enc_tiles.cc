#include "stages/enc_tiles.h"

#include <algorithm>

#include "base/stage_profile.h"
#include "entropy/enc_rans.h"

namespace residua::codec {

namespace {

// Tiles have about this width: large enough that their streams' ends cost nothing, small enough that a
// picture has several columns of them, which is what threads share.
constexpr int kTileWidth = 512;
constexpr int kMinTileHeight = 128;
// The intervals of a row of tiles are held in memory: so
// many pixels at most, unless kMinTileHeight asks for more.
constexpr int kMaxTileRowPixels = 1 << 22;

}  // namespace

int tile_side(int side, int about) {
    const int count = (side + about - 1) / about;
    return padded((side + count - 1) / count, container::kTileUnit);
}

void choose_tiles(container::Header& header, const TilePlan& plan) {
    int about = kTileWidth;
    if (plan.two_columns_pixels > 0 && header.width <= kTileWidth &&
        header.width * header.height >= plan.two_columns_pixels)
        about = kTileWidth / 2;
    const int height = kMaxTileRowPixels / header.width / container::kTileUnit * container::kTileUnit;
    header.tile_height = tile_side(header.height, std::clamp(height, kMinTileHeight, plan.height));
    do {
        header.tile_width = tile_side(header.width, about);
        about *= 2;
    } while (header.tile_columns() * header.tile_rows() * header.coded_stages() > container::kMaxTiles);
}

std::array<container::Alphabet, 3> find_alphabets(const PictureView& x, const SymbolBase& base,
                                                  ThreadPool& threads) {
    struct Part {
        std::array<container::Alphabet, 3> alphabets;
        std::vector<int16_t> symbols;
    };
    const int count = x.width * x.channels;
    std::vector<Part> parts(static_cast<size_t>(threads.size()));
    for (Part& part : parts) part.symbols.resize(static_cast<size_t>(count));
    threads.parallel_for(x.height, [&](int64_t row, int thread) {
        Part& part = parts[static_cast<size_t>(thread)];
        const int y = static_cast<int>(row);
        base.to_symbols(x.row(y), y, 0, count, part.symbols.data());
        for (int c = 0; c < x.channels; ++c) {
            container::Alphabet& alphabet = part.alphabets[static_cast<size_t>(c)];
            int lowest = alphabet.lowest, highest = alphabet.highest;
            for (int i = c; i < count; i += x.channels) {
                lowest = std::min<int>(lowest, part.symbols[static_cast<size_t>(i)]);
                highest = std::max<int>(highest, part.symbols[static_cast<size_t>(i)]);
            }
            alphabet = {lowest, highest};
        }
    });
    for (const Part& part : parts) {
        for (size_t c = 0; c < 3; ++c) {
            container::Alphabet& all = parts[0].alphabets[c];
            all.lowest = std::min(all.lowest, part.alphabets[c].lowest);
            all.highest = std::max(all.highest, part.alphabets[c].highest);
        }
    }
    return parts[0].alphabets;
}

SymbolWriter::SymbolWriter(const CodedPlanes& planes, const PictureView& samples, Draft& draft,
                           Session& session)
    : planes_(planes),
      samples_(samples),
      streams_(draft.streams[static_cast<size_t>(planes.stage)]),
      allocator_(session.allocator),
      row_coders_(make_row_coders(planes, planes.adapts() ? 0 : session.threads.size())),
      adaptive_coders_(make_adaptive_coders(planes, session)),
      ahead_(codes_ahead(planes, session)) {
    streams_.resize(static_cast<size_t>(planes.tiling.columns() * planes.tiling.rows()));
    for (int column = 0; column < planes.tiling.columns(); ++column) {
        const uint64_t symbols = planes.tile_symbols(0, column);
        columns_.push_back({Buffer<entropy::Interval>(allocator_, symbols),
                            Buffer<uint8_t>(allocator_, planes.adapts() ? symbols : 0), 0});
    }
}

void SymbolWriter::begin_tile(int, int column) {
    columns_[static_cast<size_t>(column)].used = 0;
    if (planes_.adapts()) adaptive_coders_[static_cast<size_t>(column)].begin_tile();
}

void SymbolWriter::code_row(int y, int column, const entropy::RowParameters& parameters, int thread) {
    Column& tile = columns_[static_cast<size_t>(column)];
    const int width = planes_.tiling.column_width(column);
    const int symbols = width * planes_.channels;
    const ptrdiff_t first = planes_.first_sample(column);
    if (planes_.adapts()) {
        if (!gather_row(column, parameters) && !planes_.tiling.ends_tile(y)) return;
        take_rows(column);
        return code_rows(y, column, thread);
    }
    RowCoder& coder = row_coders_[static_cast<size_t>(thread)];
    planes_.base.to_symbols(samples_.row(y) + first, y, first, symbols, coder.symbols());
    coder.intervals(parameters, width, tile.intervals.data() + tile.used);
    tile.used += static_cast<size_t>(symbols);
}

bool SymbolWriter::gather_row(int column, const entropy::RowParameters& parameters) {
    entropy::AdaptiveCoder& coder = adaptive_coders_[static_cast<size_t>(column)];
    coder.add_row(parameters);
    return coder.full();
}

void SymbolWriter::take_rows(int column) { adaptive_coders_[static_cast<size_t>(column)].take_rows(); }

void SymbolWriter::code_rows(int y, int column, int) {
    Column& tile = columns_[static_cast<size_t>(column)];
    entropy::AdaptiveCoder& coder = adaptive_coders_[static_cast<size_t>(column)];
    const int symbols = planes_.tiling.column_width(column) * planes_.channels;
    const ptrdiff_t first = planes_.first_sample(column);
    const int rows = coder.rows();
    for (int row = 0; row < rows; ++row) {
        const int at = y - rows + 1 + row;
        planes_.base.to_symbols(samples_.row(at) + first, at, first, symbols, coder.symbols(row));
    }
    coder.encode(tile.intervals.data() + tile.used, tile.positions.data() + tile.used);
    tile.used += static_cast<size_t>(rows) * static_cast<size_t>(symbols);
}

std::vector<uint8_t> SymbolWriter::encode(const Column& tile, const entropy::TileShape& shape) const {
    const StageScope stage(Stage::kStreams);
    const auto intervals = tile.intervals.span().first(tile.used);
    stage.count(2 * intervals.size_bytes(), 0);
    const int lanes = entropy::choose_lanes(tile.used / static_cast<size_t>(planes_.symbols_per_subpixel));
    if (planes_.adapts()) {
        const auto positions = tile.positions.span().first(tile.used);
        std::vector<uint8_t> stream = entropy::encode_symbols(intervals, positions, lanes);
        entropy::verify_symbols(stream, intervals, positions);
        return stream;
    }
    std::vector<uint8_t> stream = entropy::encode_tile(intervals, shape, lanes);
    entropy::verify_tile(stream, intervals, shape);
    return stream;
}

void SymbolWriter::end_tile(int tile_row, int column) {
    const entropy::TileShape shape = {planes_.tiling.column_width(column),
                                      planes_.tiling.row_height(tile_row), planes_.channels};
    streams_[static_cast<size_t>(planes_.tiling.tile(tile_row, column))] = {
        allocator_, encode(columns_[static_cast<size_t>(column)], shape)};
}

}  // namespace residua::codec
