#include "olm/guesses.h"

#include <algorithm>
#include <cmath>

namespace residua::olm {

namespace {

using Kind = entropy::Guesses::Kind;

// The first context of each kind of guess.
constexpr int kAsSeen = 0;            // 16 · 3 · 6: the same as in the plane that it sees first
constexpr int kFlat = kAsSeen + 288;  // 16: the same as all around
constexpr int kCentre = kFlat + 16;   // 3: what the experts expect

class Guesser {
  public:
    Guesser(const PlaneState& state, const PlaneShape& shape, int row, int column)
        : s_(state),
          shape_(shape),
          at_(Wavefront::offset(state.wave.step(row, column)) + row % kLanes),
          own_(state.samples + at_) {}

    struct Guess {
        int32_t value;
        int context;
        Kind kind;
    };

    Guess run(int32_t centre) const {
        if (s_.plane > 0) {
            const int matches = match(0, -1) | match(-1, 0) << 1 | match(-1, -1) << 2 | match(-1, 1) << 3;
            const bool both = s_.plane == 2 && seen(0, 0, 0) == seen(1, 0, 0);
            const int32_t value = rank(seen(0, 0, 0));
            if ((matches != 0 || both) && value >= 0 && value < shape_.levels)
                return {value, kAsSeen + (matches * 3 + match(0, -2) + match(-2, 0)) * 6 + of_both(both),
                        Kind::kSeen};
        }
        const float left = sample(0, -1);
        if (left == sample(-1, 0) && left == sample(-1, -1) && left == sample(-1, 1)) {
            const int flat_too = s_.plane > 0 && flat_below() ? 8 : 0;
            const int context = (sample(0, -2) == left ? 1 : 0) | (sample(-2, 0) == left ? 2 : 0) |
                                (sample(-1, 2) == left ? 4 : 0) | flat_too;
            return {rank(left), kFlat + context, Kind::kFlat};
        }
        return {std::clamp(centre, 0, shape_.levels - 1), kCentre + small(0, -1) + small(-1, 0),
                Kind::kCentre};
    }

  private:
    float sample(int dy, int dx) const { return own_[Wavefront::neighbour(dy, dx)]; }
    // Of the i-th plane that it sees, as a sample of this one.
    float seen(int i, int dy, int dx) const {
        return (s_.earlier[i] + at_)[Wavefront::neighbour(dy, dx)] +
               static_cast<float>(shape_.apart[static_cast<size_t>(i)]) / s_.levels;
    }
    int match(int dy, int dx) const { return sample(dy, dx) == seen(0, dy, dx) ? 1 : 0; }
    int small(int dy, int dx) const {
        return std::fabs((s_.errors + at_)[Wavefront::neighbour(dy, dx)]) * s_.levels < 0.5F ? 1 : 0;
    }
    bool flat_below() const {
        const float here = seen(0, 0, 0);
        return here == seen(0, 0, -1) && here == seen(0, -1, 0);
    }
    // Where two planes are seen: whether they match each other here, and in how many places around.
    int of_both(bool here) const {
        if (s_.plane < 2) return 0;
        static constexpr int kPlaces[5][2] = {{0, 1}, {1, 0}, {1, 1}, {0, -1}, {-1, 0}};
        int around = 0;
        for (const auto& place : kPlaces)
            around += seen(0, place[0], place[1]) == seen(1, place[0], place[1]);
        return (here ? 3 : 0) + (around == 0 ? 0 : around < 4 ? 1 : 2);
    }
    int32_t rank(float value) const { return static_cast<int32_t>(value * s_.levels); }

    const PlaneState& s_;
    const PlaneShape& shape_;
    const ptrdiff_t at_;
    const float* own_;
};

}  // namespace

void guess(const TileState& tile, const PlaneShape& shape, const entropy::WideSamples& samples,
           entropy::Guesses& guesses) {
    size_t i = 0;
    for (int lane = 0; lane < kLanes; ++lane) {
        if (!tile.active(lane)) continue;
        const auto found =
            Guesser(tile.state(), shape, tile.row(lane), tile.column(lane)).run(samples.base[i]);
        guesses.value[i] = found.value;
        guesses.context[i] = found.context;
        guesses.kind[i++] = found.kind;
    }
}

}  // namespace residua::olm
