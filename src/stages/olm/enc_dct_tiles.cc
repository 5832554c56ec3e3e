#include "stages/olm/enc_dct_tiles.h"

#include <algorithm>
#include <atomic>
#include <optional>

#include "base/stage_profile.h"
#include "dct/enc_check.h"
#include "dct/enc_coefficients.h"
#include "entropy/enc_rans.h"
#include "stages/enc_stage.h"

namespace residua::codec {

namespace {

// A tile's coefficients of plane p, in one piece.
Buffer<int16_t> cut(const DctPlane& plane, const DctTile& tile, size_t p, Allocator& allocator) {
    Buffer<int16_t> out(allocator, tile.coefficients(p));
    const auto [first_column, columns] = tile.columns[p];
    int16_t* to = out.data();
    for (int row = 0; row < tile.rows[p].count; ++row, to += ptrdiff_t{columns} * kBlockSize)
        std::copy_n(plane.block(tile.rows[p].first + row, first_column), columns * kBlockSize, to);
    return out;
}

class DctJob final : public TileJob {
  public:
    DctJob(const ForwardPlanes& forward, const DctTile& tile, Allocator& allocator, CountedBytes& to)
        : forward_(forward), tile_(tile), allocator_(allocator), to_(to) {
        for (size_t p = 0; p < tile.planes; ++p)
            coefficients_[p] = cut(forward.blocks[p], tile, p, allocator);
    }

    int planes() const override { return 2; }
    bool ready(int part) const override {
        return part == kCoding ? !coded_ && !coding_ : !checked_ && coding_ && relay_.can_follow();
    }
    bool begins(int part) override {
        if (part == kCoding) coding_ = true;
        return part == kCoding;
    }
    bool advance(int part) override {
        const StageScope stage(part == kCoding ? Stage::kBlocks : Stage::kProof);
        part == kCoding ? code() : check();
        return true;
    }
    double share() const override { return (coded_ + checked_) / 2.0; }
    void end_plane(int) override {}
    void finish() override { to_ = {allocator_, std::move(stream_)}; }

  private:
    enum { kCoding, kChecking };

    template <typename AnyComponent, typename Coefficients>
    std::array<AnyComponent, 3> components(Coefficients& coefficients) const {
        std::array<AnyComponent, 3> all;
        for (size_t p = 0; p < tile_.planes; ++p)
            all[p] = {
                tile_.columns[p].count, tile_.rows[p].count, (*forward_.transform.blocks)[p].quant.data(),
                coefficients[p].data(), tile_.across[p],     tile_.down[p]};
        return all;
    }

    void code() {
        const Reservation working(allocator_, tile_.working_memory() + entropy::DecisionRelay::kMemory);
        try {
            const auto components = this->components<dct::ConstComponent>(coefficients_);
            dct::encode(std::span(components).first(tile_.planes), intervals_, relay_);
            symbols_.emplace(allocator_,
                             intervals_.capacity() * sizeof(entropy::Interval) + intervals_.size());
        } catch (...) {
            relay_.fail();
            throw;
        }
        relay_.end(intervals_);
        const std::vector<uint8_t> positions(intervals_.size());
        stream_ = entropy::encode_symbols(intervals_, positions, 1);
        entropy::verify_symbols(stream_, intervals_, positions);
        coded_ = true;
    }

    void check() {
        const Reservation working(allocator_, tile_.working_memory());
        std::array<Buffer<int16_t>, 3> again;
        for (size_t p = 0; p < tile_.planes; ++p) again[p] = {allocator_, coefficients_[p].size()};
        const auto components = this->components<dct::Component>(again);
        entropy::DecisionRelay::Follower follower(relay_);
        dct::check(follower, std::span(components).first(tile_.planes));
        for (size_t p = 0; p < tile_.planes; ++p)
            if (!std::ranges::equal(coefficients_[p].span(), again[p].span()))
                proof_failed("the blocks' coefficients");
        checked_ = true;
    }

    const ForwardPlanes& forward_;
    const DctTile tile_;
    Allocator& allocator_;
    CountedBytes& to_;
    std::array<Buffer<int16_t>, 3> coefficients_;
    std::vector<entropy::Interval> intervals_;
    std::optional<Reservation> symbols_;  // of intervals_ and their positions
    entropy::DecisionRelay relay_;
    std::vector<uint8_t> stream_;
    std::atomic<bool> coding_{false}, coded_{false}, checked_{false};
};

}  // namespace

std::unique_ptr<TileJob> encode_dct_job(const ForwardPlanes& forward, const DctTile& tile,
                                        Allocator& allocator, CountedBytes& to) {
    return std::make_unique<DctJob>(forward, tile, allocator, to);
}

}  // namespace residua::codec
