#include "stages/dec_tiles.h"

namespace residua::codec {

SymbolReader::SymbolReader(const CodedPlanes& planes, const MutablePictureView& samples,
                           const StreamSource& streams, Session& session)
    : planes_(planes),
      samples_(samples),
      streams_(streams),
      row_coders_(make_row_coders(planes, planes.adapts() ? 0 : session.threads.size())),
      adaptive_coders_(make_adaptive_coders(planes, session.allocator)),
      tiles_(static_cast<size_t>(planes.tiling.columns())) {}

void SymbolReader::begin_tile(int tile_row, int column) {
    tiles_[static_cast<size_t>(column)].emplace(streams_.open(
        planes_.stage, planes_.tiling.tile(tile_row, column), planes_.tile_symbols(tile_row, column)));
    if (planes_.adapts()) adaptive_coders_[static_cast<size_t>(column)].begin_tile();
}

void SymbolReader::code_row(int y, int column, const entropy::RowParameters& parameters, int thread) {
    TileStream& stream = *tiles_[static_cast<size_t>(column)];
    entropy::RansDecoder& decoder = stream.decoder;
    if (planes_.adapts()) {
        entropy::AdaptiveCoder& coder = adaptive_coders_[static_cast<size_t>(column)];
        coder.add_row(parameters);
        if (!coder.full() && !planes_.tiling.ends_tile(y)) return;
        const int rows = coder.rows();
        coder.decode(decoder);
        for (int row = 0; row < rows; ++row) keep_row(coder.symbols(row), y - rows + 1 + row, column);
        return;
    }
    RowCoder& coder = row_coders_[static_cast<size_t>(thread)];
    const int width = planes_.tiling.column_width(column);
    if (stream.random)
        coder.draw_row(decoder, parameters, width);
    else
        coder.decode_row(decoder, parameters, width);
    keep_row(coder.symbols(), y, column);
}

void SymbolReader::keep_row(const int16_t* symbols, int y, int column) {
    const ptrdiff_t first = planes_.first_sample(column);
    if (!planes_.base.to_samples(symbols, y, first, planes_.tiling.column_width(column) * planes_.channels,
                                 samples_.row(y) + first))
        streams_.out_of_range();
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
