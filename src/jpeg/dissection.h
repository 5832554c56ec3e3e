// A file as its JPEGs' scans and all other bytes: what both sides know of it. docs/format-jpeg.md, 2.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/memory.h"
#include "jpeg/blocks.h"
#include "jpeg/recipe.h"

namespace residua::jpeg {

// One JPEG of a file, which may lie within another one's markers.
struct JpegPart {
    size_t start = 0;  // of its SOI in the file
    int height = 0;    // of the picture where its header says 0; otherwise 0
    Frame frame;
    struct ScanPart {
        size_t start;  // of its entropy-coded bytes in the file
        Scan scan;
        ScanRecipe recipe;
        std::unique_ptr<Reservation> counted;  // this, its recipe, its part of the JPEG
    };
    std::vector<ScanPart> scans;
    std::vector<Buffer<int16_t>> planes;  // by component, as Coefficients; none yet

    // Another one, whose memory is counted.
    void add(size_t begin, const Scan& scan, ScanRecipe recipe, Allocator& allocator);
    // All 0.
    void allocate(Allocator& allocator);
    std::vector<int16_t*> coefficients();
    std::vector<const int16_t*> coefficients() const;
    // Whether every MCU of every scan is there.
    bool whole() const;
};

struct Dissection {
    std::vector<JpegPart> jpegs;  // in the order of their first scans

    // That with which the file begins, if it does with one.
    const JpegPart* main() const {
        const auto found = std::ranges::find(jpegs, size_t{0}, &JpegPart::start);
        return found == jpegs.end() ? nullptr : &*found;
    }
    JpegPart* main() { return const_cast<JpegPart*>(std::as_const(*this).main()); }
};

// The bytes of the scans, in the order in which they lie in the file: jpegs[part].scans[scan]. Where two begin at
// one place, the first of them has no bytes.
struct ScanPlace {
    size_t part, scan;
};
std::vector<ScanPlace> scans_in_order(const Dissection& dissection);

// Finds the JPEGs' places again. `structure`: what write_structure (enc_dissect.h) wrote; foreign: the bytes of
// the file that belong to no scan; file: gets them, and zeros where scans lie. Coefficients are not there yet.
// Throws kCorrupt, kTruncated or kMemoryLimit, whatever the bytes are.
Dissection read_structure(std::span<const uint8_t> structure, std::span<const uint8_t> foreign,
                          std::span<uint8_t> file, Allocator& allocator);

// Writes all scans into the file. Throws kCorrupt where their coefficients do not fit.
void write_scans(Dissection& dissection, std::span<uint8_t> file);

}  // namespace residua::jpeg
