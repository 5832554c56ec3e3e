// The second decoder's samples of colours that no question found. docs/format-scc.md, 5.
#pragma once

#include <unordered_map>
#include <vector>

#include "scc/test_reference.h"
#include "scc/test_reference_coder.h"

namespace residua::scc::reference {

class Samples {
  public:
    explicit Samples(const Known& known);

    // guess: the number of a colour, 0 for none.
    void decode(Reader& reader, Known& known, int y, int x, int guess, int asked, int misses);

  private:
    struct Around;  // what contexts of a channel are made of
    int sample(Reader& reader, int channel, const Around& around, int misses);

    const Shape shape_;
    size_t contexts_, expectations_;
    int table_bits_;
    Decision decision_;
    std::vector<std::vector<Slot>> tables_;
    std::unordered_map<uint64_t, Slot> expected_slots_;
};

}  // namespace residua::scc::reference
