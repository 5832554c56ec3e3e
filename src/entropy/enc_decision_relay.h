// One thread codes binary decisions, another checks them at the same time as a decoder would meet them.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <span>
#include <vector>

#include "base/error.h"
#include "entropy/rans.h"

namespace residua::entropy {

// Hands intervals from the coder to one follower. Of what the follower has not taken, a few pieces are kept; a coder that
// nobody follows by then goes on alone, and the follower comes after the end, to all intervals.
class DecisionRelay {
  public:
    static constexpr size_t kPiece = size_t{1} << 15;  // intervals
    static constexpr size_t kMostPieces = 8;
    static constexpr uint64_t kMemory = kPiece * kMostPieces * sizeof(Interval);

    // The coder's side. end() has all intervals, which must outlive the follower; fail() stops it.
    void give(std::span<const Interval> piece);
    void end(std::span<const Interval> all);
    void fail();

    // Whether somebody can follow, from the first interval on: true until the coder has gone on alone, and again after
    // its end.
    bool can_follow() const;

    class Follower {
      public:
        // can_follow() was true, and nobody has followed before.
        explicit Follower(DecisionRelay& relay);
        ~Follower();
        Follower(const Follower&) = delete;
        Follower& operator=(const Follower&) = delete;

        // The next interval. Throws kInternal behind the last one, and where the coder has failed.
        const Interval& next() {
            if (at_ == size_) more();
            return begin_[at_++];
        }
        // No more intervals follow. Waits for the coder's end.
        bool at_end();

      private:
        void more();
        bool wait_for_more();

        DecisionRelay& relay_;
        std::vector<Interval> piece_;
        const Interval* begin_ = nullptr;
        size_t at_ = 0, size_ = 0;
        size_t taken_ = 0;  // intervals, before this piece
    };

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::vector<Interval>> pieces_;
    std::span<const Interval> all_;
    bool followed_ = false, alone_ = false, ended_ = false, failed_ = false;
};

// A coder's bits (dec_bits.h) that a follower may read.
class RelayedBitWriter {
  public:
    RelayedBitWriter(std::vector<Interval>& intervals, DecisionRelay& relay)
        : intervals_(intervals), relay_(relay) {}

    int code(uint32_t share, int bit) {
        intervals_.push_back(bit ? Interval{0, share} : Interval{share, kProbabilityOne - share});
        if (intervals_.size() - given_ == DecisionRelay::kPiece) {
            relay_.give(std::span(intervals_).subspan(given_));
            given_ = intervals_.size();
        }
        return bit;
    }

  private:
    std::vector<Interval>& intervals_;
    DecisionRelay& relay_;
    size_t given_ = 0;
};

// Reads the bits as a decoder would from a stream of these intervals, and compares what it expects with them.
class FollowingBitReader {
  public:
    explicit FollowingBitReader(DecisionRelay::Follower& follower) : follower_(follower) {}

    int code(uint32_t share, int) {
        const Interval& interval = follower_.next();
        const bool bit = interval.start == 0;
        if (bit ? interval.frequency != share
                : interval.start != share || interval.frequency != kProbabilityOne - share)
            throw Error(ErrorCode::kInternal, "the entropy coder's proof failed; please report this picture");
        return bit;
    }

  private:
    DecisionRelay::Follower& follower_;
};

}  // namespace residua::entropy
