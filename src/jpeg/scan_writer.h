// Writes the entropy-coded bytes of a scan again. docs/format-jpeg.md, 3.
#pragma once

#include <memory>

#include "jpeg/blocks.h"
#include "jpeg/recipe.h"

namespace residua::jpeg {

// Fills `to`, recipe.size bytes. Throws kCorrupt where that cannot be: a table that lacks a symbol, another
// size. Any coefficients.
void write_scan(const Frame& frame, const Scan& scan, const ScanRecipe& recipe, Coefficients coefficients,
                std::span<uint8_t> to);

// The same of a Huffman-coded scan, while its coefficients become known. All but `coefficients` must outlive this.
class ScanWriter {
  public:
    ScanWriter(const Frame& frame, const Scan& scan, const ScanRecipe& recipe, Coefficients coefficients,
               std::span<uint8_t> to);
    ~ScanWriter();

    // The MCUs of rows before that one, as far as they have not been written.
    void write_rows(uint64_t rows);
    void finish();

  private:
    struct State;
    const std::unique_ptr<State> state_;
};

}  // namespace residua::jpeg
