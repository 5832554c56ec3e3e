// Threads share the tiles of a picture, and in each tile its planes.
#pragma once

#include <functional>
#include <memory>

#include "base/session.h"
#include "olm/tile_coder.h"

namespace residua::codec {

// A tile at work: its coder has begun.
class TileJob {
  public:
    virtual ~TileJob() = default;
    virtual olm::TileCoder& coder() = 0;
    virtual int planes() const = 0;
    // By the thread that did the plane's last part.
    virtual void end_plane(int plane) = 0;
    // After the end of all planes, by one of the threads.
    virtual void finish() = 0;
};

// begin(tile) for each of so many tiles, in their order but perhaps by several threads; what it returns is worked on
// until it is finished. Null: the tile is done. As many tiles as there are threads are at work at most, and a tile
// begins only when nothing can be done for those that have. Reports progress. What any of these throws ends the call.
void run_tiles(int tiles, const std::function<std::unique_ptr<TileJob>(int tile)>& begin, Session& session);

}  // namespace residua::codec
