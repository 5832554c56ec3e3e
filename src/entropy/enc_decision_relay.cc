#include "entropy/enc_decision_relay.h"

#include <utility>

namespace residua::entropy {

void DecisionRelay::give(std::span<const Interval> piece) {
    std::unique_lock lock(mutex_);
    if (alone_) return;
    if (pieces_.size() == kMostPieces && !followed_) {
        alone_ = true;
        pieces_.clear();
        return;
    }
    // Who follows takes them, or goes.
    changed_.wait(lock, [&] { return pieces_.size() < kMostPieces || alone_; });
    if (alone_) return;
    pieces_.emplace_back(piece.begin(), piece.end());
    changed_.notify_all();
}

void DecisionRelay::end(std::span<const Interval> all) {
    const std::lock_guard lock(mutex_);
    all_ = all;
    ended_ = true;
    if (!followed_) pieces_.clear();
    changed_.notify_all();
}

void DecisionRelay::fail() {
    const std::lock_guard lock(mutex_);
    failed_ = true;
    changed_.notify_all();
}

bool DecisionRelay::can_follow() const {
    const std::lock_guard lock(mutex_);
    return !alone_ || ended_;
}

DecisionRelay::Follower::Follower(DecisionRelay& relay) : relay_(relay) {
    const std::lock_guard lock(relay_.mutex_);
    relay_.followed_ = true;
}

DecisionRelay::Follower::~Follower() {
    const std::lock_guard lock(relay_.mutex_);
    relay_.alone_ = true;
    relay_.pieces_.clear();
    relay_.changed_.notify_all();
}

// False: there are none.
bool DecisionRelay::Follower::wait_for_more() {
    taken_ += size_;
    at_ = size_ = 0;
    std::unique_lock lock(relay_.mutex_);
    relay_.changed_.wait(lock, [&] { return relay_.failed_ || relay_.ended_ || !relay_.pieces_.empty(); });
    if (relay_.failed_) throw Error(ErrorCode::kInternal, "what was followed has failed");
    if (relay_.ended_) {  // all that is left, at once
        relay_.pieces_.clear();
        begin_ = relay_.all_.data() + taken_;
        size_ = relay_.all_.size() - taken_;
        return size_ > 0;
    }
    piece_ = std::move(relay_.pieces_.front());
    relay_.pieces_.pop_front();
    relay_.changed_.notify_all();
    begin_ = piece_.data();
    size_ = piece_.size();
    return true;
}

void DecisionRelay::Follower::more() {
    if (!wait_for_more())
        throw Error(ErrorCode::kInternal, "the entropy coder's proof failed; please report this picture");
}

bool DecisionRelay::Follower::at_end() { return at_ == size_ && !wait_for_more(); }

}  // namespace residua::entropy
