#include "stages/dec_tiles.h"

namespace residua::codec {

SymbolReader::SymbolReader(const CodedPlanes& planes, const MutablePictureView& samples,
                           const StreamSource& streams, Session& session)
    : planes_(planes),
      samples_(samples),
      streams_(streams),
      row_coders_(make_row_coders(planes, planes.adapts() ? 0 : session.threads.size())),
      adaptive_coders_(make_adaptive_coders(planes, session)),
      tiles_(static_cast<size_t>(planes.tiling.columns())),
      ahead_(codes_ahead(planes, session)),
      bits_(streams.bits(planes.stage, planes.channels)) {
    if (!bits_) return;
    const size_t count = planes.adapts() ? adaptive_coders_.size() : row_coders_.size();
    const int rows = planes.adapts() ? entropy::kWavefrontRows : 1;
    for (size_t i = 0; i < count; ++i)
        lengths_.emplace_back(session.allocator,
                              product(rows, planes.tiling.column_width(0), planes.channels));
}

uint32_t* SymbolReader::lengths(int column, int thread) {
    return bits_ ? lengths_[static_cast<size_t>(planes_.adapts() ? column : thread)].data() : nullptr;
}

void SymbolReader::begin_tile(int tile_row, int column) {
    const uint64_t symbols = planes_.tile_symbols(tile_row, column);
    auto& tile = tiles_[static_cast<size_t>(column)];
    tile.emplace(streams_.open(planes_.stage, planes_.tiling.tile(tile_row, column), symbols));
    if (!tile->random) tile->decoder.expect_symbols(symbols);
    if (planes_.adapts()) adaptive_coders_[static_cast<size_t>(column)].begin_tile();
}

void SymbolReader::code_row(int y, int column, const entropy::RowParameters& parameters, int thread) {
    if (planes_.adapts()) {
        if (!gather_row(column, parameters) && !planes_.tiling.ends_tile(y)) return;
        take_rows(column);
        return code_rows(y, column, thread);
    }
    TileStream& stream = *tiles_[static_cast<size_t>(column)];
    entropy::RansDecoder& decoder = stream.decoder;
    RowCoder& coder = row_coders_[static_cast<size_t>(thread)];
    const int width = planes_.tiling.column_width(column);
    if (stream.random)
        coder.draw_row(decoder, parameters, width);
    else
        coder.decode_row(decoder, parameters, width, lengths(column, thread));
    keep_row(coder.symbols(), lengths(column, thread), y, column);
}

bool SymbolReader::gather_row(int column, const entropy::RowParameters& parameters) {
    entropy::AdaptiveCoder& coder = adaptive_coders_[static_cast<size_t>(column)];
    coder.add_row(parameters);
    return coder.full();
}

void SymbolReader::take_rows(int column) { adaptive_coders_[static_cast<size_t>(column)].take_rows(); }

void SymbolReader::code_rows(int y, int column, int thread) {
    entropy::AdaptiveCoder& coder = adaptive_coders_[static_cast<size_t>(column)];
    const int rows = coder.rows();
    uint32_t* lengths = this->lengths(column, thread);
    coder.decode(tiles_[static_cast<size_t>(column)]->decoder, lengths);
    for (int row = 0; row < rows; ++row)
        keep_row(coder.symbols(row), lengths ? lengths + row * coder.row_symbols() : nullptr,
                 y - rows + 1 + row, column);
}

void SymbolReader::keep_row(const int16_t* symbols, const uint32_t* lengths, int y, int column) {
    const ptrdiff_t first = planes_.first_sample(column);
    if (!planes_.base.to_samples(symbols, y, first, planes_.tiling.column_width(column) * planes_.channels,
                                 samples_.row(y) + first))
        streams_.out_of_range();
    if (!lengths) return;
    const int scale = planes_.scale, start = planes_.tiling.column_start(column);
    for (int x = 0; x < planes_.tiling.column_width(column); ++x)
        for (int c = 0; c < planes_.channels; ++c)
            bits_->add((start + x) << scale, y << scale, 1 << scale, 1 << scale, c, *lengths++);
}

void SymbolReader::end_tile(int, int column) {
    auto& tile = tiles_[static_cast<size_t>(column)];
    streams_.close(*tile);
    tile.reset();
}

MeanPainter::MeanPainter(const CodedPlanes& planes, const MutablePictureView& samples, int threads)
    : planes_(planes), samples_(samples), row_coders_(make_row_coders(planes, threads)) {}

void MeanPainter::code_row(int y, int column, const entropy::RowParameters& parameters, int thread) {
    RowCoder& coder = row_coders_[static_cast<size_t>(thread)];
    const int width = planes_.tiling.column_width(column);
    const ptrdiff_t first = planes_.first_sample(column);
    coder.means(parameters, width);
    planes_.base.to_samples(coder.symbols(), y, first, width * planes_.channels, samples_.row(y) + first);
}

}  // namespace residua::codec
