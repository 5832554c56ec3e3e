#include "stages/olm/tile_crew.h"

#include <algorithm>
#include <array>
#include <condition_variable>
#include <list>
#include <mutex>
#include <utility>

namespace residua::codec {

namespace {

class Crew {
  public:
    Crew(int tiles, const std::function<std::unique_ptr<TileJob>(int)>& begin, Session& session, int workers)
        : tiles_(tiles), begin_(begin), session_(session), workers_(workers) {}

    // Until there is nothing left to do. The others stop where one throws.
    void work(int thread) {
        std::unique_lock lock(mutex_);
        try {
            for (;;) {
                if (thread == 0) report(lock);
                if (failed_ || finished_ == tiles_) break;
                // Planes at work take memory: while tiles are left, none begins where another tile can.
                const bool more_tiles = next_ < tiles_ && at_work_ < workers_;
                if (const Part part = find_part(more_tiles); part.tile != open_.end())
                    advance(part, lock);
                else if (more_tiles)
                    begin_tile(lock);
                else
                    changed_.wait(lock);
            }
        } catch (...) {
            if (!lock.owns_lock()) lock.lock();
            failed_ = true;
            changed_.notify_all();
            throw;
        }
    }

  private:
    struct Tile {
        std::unique_ptr<TileJob> job;
        std::array<bool, olm::kMostPlanes> begun{}, busy{};
        int planes_left = 0;
    };
    using Tiles = std::list<Tile>;
    struct Part {
        Tiles::iterator tile;
        int plane;
    };

    // Of the tile that began first, and there of the last plane: what others wait for least comes first, so that no
    // plane gets far ahead of the one that sees it. only_begun: but for a tile's first plane, none that has not begun.
    Part find_part(bool only_begun) {
        for (auto tile = open_.begin(); tile != open_.end(); ++tile)
            for (int plane = tile->job->planes(); plane-- > 0;) {
                const auto p = static_cast<size_t>(plane);
                if (!tile->busy[p] && (!only_begun || plane == 0 || tile->begun[p]) &&
                    tile->job->ready(plane))
                    return {tile, plane};
            }
        return {open_.end(), 0};
    }

    void advance(Part part, std::unique_lock<std::mutex>& lock) {
        Tile& tile = *part.tile;
        bool& busy = tile.busy[static_cast<size_t>(part.plane)];
        busy = tile.begun[static_cast<size_t>(part.plane)] = true;
        if (tile.job->begins(part.plane)) changed_.notify_all();
        lock.unlock();
        const bool last = tile.job->advance(part.plane);
        // What waits for it can begin while the plane is being ended.
        if (last) {
            lock.lock();
            changed_.notify_all();
            lock.unlock();
            tile.job->end_plane(part.plane);
        }
        lock.lock();
        busy = false;
        if (last && --tile.planes_left == 0) {
            Tiles done;
            done.splice(done.begin(), open_, part.tile);
            lock.unlock();
            done.front().job->finish();
            done.clear();
            lock.lock();
            --at_work_;
            ++finished_;
        }
        changed_.notify_all();
    }

    void begin_tile(std::unique_lock<std::mutex>& lock) {
        const int index = next_++;
        ++at_work_;
        lock.unlock();
        std::unique_ptr<TileJob> job = begin_(index);
        lock.lock();
        if (job) {
            const int planes = job->planes();
            open_.push_back({std::move(job), {}, {}, planes});
        } else {
            --at_work_;
            ++finished_;
        }
        changed_.notify_all();
    }

    void report(std::unique_lock<std::mutex>& lock) {
        double done = finished_;
        for (const Tile& tile : open_) done += tile.job->share();
        // A tile that is being finished is in neither.
        reported_ = std::max(reported_, done);
        done = reported_;
        lock.unlock();
        session_.progress.update(done / tiles_);
        lock.lock();
    }

    const int tiles_;
    const std::function<std::unique_ptr<TileJob>(int)>& begin_;
    Session& session_;
    const int workers_;
    std::mutex mutex_;
    std::condition_variable changed_;
    Tiles open_;
    int next_ = 0, at_work_ = 0, finished_ = 0;
    double reported_ = 0;
    bool failed_ = false;
};

}  // namespace

void run_tiles(int tiles, const std::function<std::unique_ptr<TileJob>(int tile)>& begin, Session& session) {
    const int workers = session.threads.size();
    Crew crew(tiles, begin, session, workers);
    session.threads.parallel_for(workers, [&](int64_t, int thread) { crew.work(thread); });
}

}  // namespace residua::codec
