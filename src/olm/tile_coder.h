// Codes one tile: its planes, sixteen rows at a time.
#pragma once

#include <array>
#include <atomic>
#include <cstring>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "entropy/dec_rans.h"
#include "entropy/mixture.h"
#include "entropy/wide_coder.h"
#include "olm/head.h"
#include "olm/tile_planes.h"

namespace residua::olm {

// What a model consists of. Heads and tables by how many planes a plane sees: 0 is also that of grey pictures.
struct Model {
    Parameters parameters;
    std::array<std::shared_ptr<const Head>, kPlanes> heads;
    std::array<std::shared_ptr<const entropy::DistributionTables>, kPlanes> tables;
};

// A plane of a tile in memory: `step` bytes from one column to the next, `stride` from row to row.
template <typename Byte>
struct PlaneSamples {
    Byte* first = nullptr;
    ptrdiff_t stride = 0, step = 1;
    int sample_bytes = 1;  // 2: in the machine's order

    int at(int y, int x) const {
        const Byte* place = first + y * stride + x * step;
        uint16_t two;
        if (sample_bytes == 1) return *place;
        std::memcpy(&two, place, sizeof two);
        return two;
    }
    void put(int y, int x, int value) const {
        Byte* place = first + y * stride + x * step;
        const auto two = static_cast<uint16_t>(value);
        if (sample_bytes == 1)
            *place = static_cast<uint8_t>(value);
        else
            std::memcpy(place, &two, sizeof two);
    }
};
using TileSource = std::array<PlaneSamples<const uint8_t>, kMostPlanes>;
using TileTarget = std::array<PlaneSamples<uint8_t>, kMostPlanes>;

// Planes are coded in parts, each plane's one after the other. Parts of different planes may be done at the same
// time, as far as ready() allows. About 40 floats of memory per pixel, and some thousand per column and plane at work.
class TileCoder {
  public:
    // The arguments must outlive it. Throws kMemoryLimit.
    TileCoder(const Model& model, const TileShape& shape, Allocator& allocator, Isa isa = active_isa());
    ~TileCoder();

    // Each sample of a decoder with the bits that it
    // took, in the units of entropy/code_length.h. May be empty.
    std::function<void(int plane, int y, int x, uint32_t length)> note;

    // Whether the encoder proves each interval (MixtureCoder::proved_intervals).
    bool prove_intervals = false;

    // Planes in coding order. Lists or decoders: one of each plane, or one that all share; then a plane is not ready
    // before the one before it is complete. All arguments must outlive the parts.
    void begin_encoding(const TileSource& samples, std::span<entropy::SymbolList* const> lists);
    void begin_decoding(std::span<entropy::RansDecoder* const> decoders, const TileTarget& samples);

    // Of any plane, at any time, by any thread. Whether its next part can be done; not if it is complete.
    bool ready(int plane) const;
    // Does it; by one thread at a time for each plane. Returns whether that was the last one. Throws what
    // MixtureCoder and WideCoder do, and kMemoryLimit; nothing but the destructor may follow.
    bool advance(int plane);
    // The share of all parts that are done.
    double share() const;

    // All parts of all planes, with one list or decoder.
    void encode(const TileSource& samples, entropy::SymbolList& list);
    void decode(entropy::RansDecoder& decoder, const TileTarget& samples);

  private:
    // The mixtures of a step's active lanes, in their order.
    class Mixtures;
    // Either side of a plane: its coders get the symbols of a step's active lanes.
    class PlaneEncoder;
    class PlaneDecoder;
    // A plane that is being coded.
    class PlaneWork;
    template <typename Side>
    class WorkOf;

    bool complete(int plane) const;
    void do_all();

    const Model& model_;
    const TileShape shape_;
    Allocator& allocator_;
    const Isa isa_;
    const Kernels& kernels_;
    TilePlanes planes_;
    bool together_ = false;
    std::function<std::unique_ptr<PlaneWork>(int plane)> begin_;
    struct Plane {
        std::unique_ptr<PlaneWork> work;
        std::atomic<int> done{0};  // steps; one more than all when it is complete
    };
    std::array<Plane, kMostPlanes> plane_;
};

// What a head is trained on: sees all samples of a tile, in coding order.
struct TrainingSample {
    const uint8_t* inputs;  // head_inputs(plane, …) bytes
    int plane;
    int whole_centre, whole_scale, log_scale;  // as in PlaneState
    int sample;
};
void visit_training_samples(const Parameters& parameters, const TileShape& shape, const TileSource& samples,
                            Allocator& allocator, const std::function<void(const TrainingSample&)>& visit);

// Sets the processor's floating-point arithmetic to what IEEE-754 says by default (rounding to nearest,
// subnormal numbers kept, no traps), for the thread and as long as it lives.
class StandardArithmetic {
  public:
    StandardArithmetic();
    ~StandardArithmetic();
    StandardArithmetic(const StandardArithmetic&) = delete;
    StandardArithmetic& operator=(const StandardArithmetic&) = delete;

  private:
    alignas(16) unsigned char saved_[64];
};

}  // namespace residua::olm
