// Threads share the tiles of a picture, and in each tile its planes.
#pragma once

#include <functional>
#include <memory>

#include "base/session.h"
#include "olm/tile_coder.h"

namespace residua::codec {

// A tile at work.
class TileJob {
  public:
    virtual ~TileJob() = default;
    virtual int planes() const = 0;  // or other parts that threads may be at, at the same time
    // These as TileCoder's.
    virtual bool ready(int plane) const = 0;
    virtual bool advance(int plane) = 0;
    virtual double share() const = 0;
    // Before each advance(), by one thread at a time. Whether other planes may be ready by that.
    virtual bool begins(int plane) {
        (void)plane;
        return false;
    }
    // By the thread that did the plane's last part.
    virtual void end_plane(int plane) = 0;
    // After the end of all planes, by one of the threads.
    virtual void finish() = 0;
};

// The planes of a coder, which has begun.
class PlanesJob : public TileJob {
  public:
    virtual olm::TileCoder& coder() = 0;
    virtual const olm::TileCoder& coder() const = 0;
    bool ready(int plane) const override { return coder().ready(plane); }
    bool advance(int plane) override { return coder().advance(plane); }
    double share() const override { return coder().share(); }
};

// begin(tile) for each of so many tiles, in their order but perhaps by several threads; what it returns is worked on
// until it is finished. Null: the tile is done. As many tiles as there are threads are at work at most, and a tile
// begins only when nothing can be done for those that have. Reports progress. What any of these throws ends the call.
void run_tiles(int tiles, const std::function<std::unique_ptr<TileJob>(int tile)>& begin, Session& session);

}  // namespace residua::codec
