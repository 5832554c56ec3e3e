// A second decoder of screen content, written from the documents alone and only there to be compared with: its
// range reader, slots and decisions. docs/format-jpeg-coefficients.md, 2 and 4; docs/format-dct.md, 2.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <unordered_map>
#include <vector>

namespace residua::scc::reference {

class Reader {
  public:
    explicit Reader(std::span<const uint8_t> stream);

    bool bit(int64_t share);  // of 2^16
    // All bytes were taken, and not more zeros behind them than a stream may leave out.
    bool at_end() const { return next_ >= stream_.size() && next_ - stream_.size() <= 8; }

  private:
    uint64_t take(int bytes);

    std::span<const uint8_t> stream_;
    size_t next_ = 0;
    uint64_t range_ = UINT64_MAX;
    uint64_t value_;  // the stream's number less the writer's low
};

struct Slot {
    int64_t q = 1 << 21;
    int n = 0;

    int64_t rate() const { return 131072 / (2 * n + 3); }
    void learn(bool bit);
};

int64_t squash(int64_t logit);   // |logit| <= 2047; of 2^16
int64_t stretch(int64_t share);  // of 2^12
bool alone(Reader& reader, Slot& slot);

// One number for up to six, each of them but the first below 1024.
uint64_t together(std::initializer_list<int64_t> numbers);

class Decision {
  public:
    // Rich with several votes, plain with one.
    Decision(size_t votes, int64_t first_weight) : votes_(votes), first_weight_(first_weight) {}

    bool decide(Reader& reader, std::span<Slot* const> slots, std::span<const uint64_t> votes,
                uint64_t final_weights, std::initializer_list<uint64_t> maps);

  private:
    struct Weights {
        std::vector<int64_t> w;
        int64_t used = 0;
    };
    using Points = std::vector<int64_t>;

    std::vector<int64_t> inputs(std::span<Slot* const> slots) const;
    Weights& vote(size_t number, uint64_t selected, size_t inputs, size_t slots);
    Points& map(size_t number, uint64_t selected);
    bool rich() const { return votes_.size() > 1; }

    std::vector<std::unordered_map<uint64_t, Weights>> votes_;
    std::unordered_map<uint64_t, std::vector<int64_t>> finals_;
    std::unordered_map<uint64_t, Points> maps_[2];
    int64_t first_weight_;
};

}  // namespace residua::scc::reference
