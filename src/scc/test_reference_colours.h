// The second decoder's memory of colours and its questions. docs/format-scc.md, 4.
#pragma once

#include <array>
#include <vector>

#include "scc/test_reference.h"
#include "scc/test_reference_coder.h"

namespace residua::scc::reference {

class Colours {
  public:
    explicit Colours(const Known& known);

    void end_match() { length_ = 0; }
    void look(int y, int x);                                // at a pixel that is neither a leap's nor flat
    int candidate(const std::vector<int>& excluded) const;  // 0: none
    bool ask(Reader& reader, int question, int candidate, const std::vector<int>& excluded, int misses);
    void learn(int number);

  private:
    static constexpr size_t kContexts = 13;
    struct Met {
        int colour, n;
    };
    struct Entry {
        uint32_t value = 0;
        std::vector<Met> met;
    };

    bool has_levels() const { return known_.shape().effort >= 3; }
    // Adds their slots, and returns what the fourth vote selects by.
    uint64_t look_at_levels(int question, int candidate, std::vector<Slot*>& slots);
    int at(int down, int right) const { return known_.number(y_ + down, x_ + right); }
    std::array<uint32_t, kContexts> values() const;
    static void learn(std::vector<Met>& met, int number);

    const Known& known_;
    int context_bits_, match_bits_;
    std::vector<Entry> tables_[kContexts];
    std::vector<int64_t> matches_;  // -1: no place
    Decision decision_;
    std::vector<Slot> count_slots_;
    int level_bits_;
    std::vector<Slot> level_slots_;
    std::array<Slot, 4 * 256> match_slots_, like_slots_, far_slots_;

    int y_ = 0, x_ = 0;
    std::array<Entry*, kContexts> entries_{};
    size_t place_ = 0;
    int length_ = 0;
};

}  // namespace residua::scc::reference
