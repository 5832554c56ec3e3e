// The steps that a JPEG's coefficients were quantised with.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/memory.h"
#include "base/session.h"
#include "origin/blocks/enc_block_completion.h"
#include "planes/dct_plane.h"

namespace residua::codec {

// How often coefficients of each frequency had which absolute value, in eighths.
class CoefficientHistogram {
  public:
    static constexpr int kParts = 8;
    static constexpr int kValues = 1400 * kParts;  // of 8-bit samples none is larger than 1312

    explicit CoefficientHistogram(Allocator& allocator)
        : counts_(allocator, static_cast<size_t>(kBlockSize) * kValues, 0) {}

    void add(const float* coefficients);  // of a block
    void add(std::span<const CoefficientHistogram> others, ThreadPool& threads);
    CoefficientEnergies energies(ThreadPool& threads) const;
    const uint32_t* counts(int frequency) const {
        return counts_.data() + static_cast<size_t>(frequency) * kValues;
    }

  private:
    Buffer<uint32_t> counts_;
};

// Of each frequency the largest step that explains the coefficients: as multiples, up to the noise
// of samples that were rounded. Where all are zero, that of a lower frequency. Calm blocks, many of whose
// neighbours are equal, have noise that adds up; they are asked only for what the others do not show.
// other: as settled_table's (enc_settled_table.h).
QuantTable estimate_quant_table(const CoefficientHistogram& lively, const CoefficientHistogram& calm,
                                ThreadPool& threads, const QuantTable* other = nullptr);

// What may be the steps: the estimate, the same from calm and lively blocks together (where few are lively
// one that is wrong counts for much), and those of `others`. Each once.
std::vector<QuantTable> possible_quant_tables(const CoefficientHistogram& lively,
                                              const CoefficientHistogram& calm,
                                              std::span<const QuantTable> others, Session& session);

}  // namespace residua::codec
