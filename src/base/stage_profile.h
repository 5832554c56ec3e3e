// What each stage of the work costs, over all threads: for bench/profile. Where nobody profiles, a scope is the look at
// one pointer.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>

namespace residua {

enum class Stage : uint8_t {
    kOther,
    kOrigin,      // how the picture was made, and its planes
    kPlanes,      // planes to pixels
    kExperts,     // OLM: what is expected of a sample
    kHead,        // OLM: the mixture
    kMixtures,    // symbols to intervals and back
    kLearning,    // OLM: what a sample teaches
    kStreams,     // intervals to bytes, and their proof
    kBlocks,      // coefficients of JPEG's blocks
    kLossyLayer,  // these as Work has them
    kNetwork,
    kQClassifier,
    kTau,
    kProof,
    kWaiting,  // for other threads
};
constexpr size_t kStages = 15;

const char* stage_name(Stage stage);

struct StageCost {
    double seconds = 0;                          // of processors
    uint64_t turns = 0;                          // how often the clock was read
    uint64_t bytes_read = 0, bytes_written = 0;  // in arrays, where the stage counts them
};
using StageCosts = std::array<StageCost, kStages>;

class StageProfile {
  public:
    using Now = double (*)();
    static double thread_seconds();  // of the processor, for the calling thread

    // Counts what all threads do in scopes while it lives. One at a time; begins and ends outside of all scopes.
    explicit StageProfile(Now now = thread_seconds);
    ~StageProfile();
    StageProfile(const StageProfile&) = delete;
    StageProfile& operator=(const StageProfile&) = delete;

    // Of all scopes that have ended.
    StageCosts costs() const;

    static StageProfile* active() { return active_.load(std::memory_order_relaxed); }
    double now() const { return now_(); }
    void add(const StageCosts& costs);

  private:
    static inline std::atomic<StageProfile*> active_{nullptr};
    const Now now_;
    mutable std::mutex mutex_;
    StageCosts costs_;
};

// While it lives, what the thread does is the work of that stage; scopes within it are taken out of it, but a proof and
// the search for tau are wholes. Threads that share a loop are at the stage of the one that called it.
class StageScope {
  public:
    explicit StageScope(Stage stage) : profile_(StageProfile::active()) {
        if (profile_) begin(stage);
    }
    ~StageScope() {
        if (profile_) end();
    }
    StageScope(const StageScope&) = delete;
    StageScope& operator=(const StageScope&) = delete;

    // From now on, the scope is that of another stage.
    void turn_to(Stage stage) {
        if (profile_) turn(stage);
    }
    // What the scope's stage has read and written.
    void count(uint64_t bytes_read, uint64_t bytes_written) const {
        if (profile_) add(bytes_read, bytes_written);
    }
    bool counts() const { return profile_ != nullptr; }

    // That the thread is at.
    static Stage current();

  private:
    void begin(Stage stage);
    void turn(Stage stage) const;
    void end() const;
    static void add(uint64_t bytes_read, uint64_t bytes_written);

    StageProfile* const profile_;
    Stage before_ = Stage::kOther;
    bool outermost_ = false, within_whole_ = false;
};

}  // namespace residua
