#include "stages/tile_streams.h"

#include "base/bytes.h"

namespace residua::codec {

std::vector<TileStream> FileStreams::open_planes(int stage, int tile, int planes, uint64_t symbols) const {
    const auto bytes = file_.streams[static_cast<size_t>(stage)][static_cast<size_t>(tile)];
    if (planes < 2 || bytes.empty() || bytes[0] != kPlaneStreams)
        return StreamSource::open_planes(stage, tile, planes, symbols);
    ByteReader reader(bytes, "tile's planes");
    reader.u8();
    std::vector<uint64_t> sizes;
    sizes.reserve(static_cast<size_t>(planes));
    for (int plane = 0; plane + 1 < planes; ++plane) sizes.push_back(reader.varint());
    std::vector<TileStream> streams;
    streams.reserve(static_cast<size_t>(planes));
    for (const uint64_t size : sizes) streams.push_back({{}, entropy::RansDecoder(reader.take(size))});
    streams.push_back({{}, entropy::RansDecoder(reader.take(reader.remaining()))});
    return streams;
}

}  // namespace residua::codec
