// Any bytes, taken apart into JPEGs' coefficients, what these do not say, and other bytes; and put together
// again. What jpeg does without the coders, so that far more inputs are tried.
#include <algorithm>

#include "jpeg/enc_dissect.h"
#include "support.h"

namespace {

// Small: pictures that a few bytes claim to hold are refused before time goes into their blocks.
constexpr uint64_t kPartsLimit = uint64_t{1} << 20;

void take_apart(std::span<const uint8_t> file, residua::Allocator& allocator) {
    using namespace residua;
    jpeg::Dissection found = jpeg::dissect(file, allocator);
    const std::vector<uint8_t> structure = jpeg::write_structure(found);
    const Buffer<uint8_t> foreign = jpeg::foreign_bytes(found, file, allocator);
    Buffer<uint8_t> again(allocator, file.size());
    try {
        jpeg::Dissection kept = jpeg::read_structure(structure, foreign.span(), again.span(), allocator);
        if (kept.jpegs.size() != found.jpegs.size()) fuzz::finding("another number of JPEGs");
        for (size_t i = 0; i < kept.jpegs.size(); ++i)
            kept.jpegs[i].planes = std::move(found.jpegs[i].planes);
        jpeg::write_scans(kept, again.span());
    } catch (const Error& error) {
        if (error.code() != ErrorCode::kMemoryLimit)
            fuzz::finding(std::string("what was taken apart is refused: ") + error.what());
        return;
    }
    if (!std::ranges::equal(again.span(), file)) fuzz::finding("other bytes");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    residua::Allocator allocator(kPartsLimit);
    try {
        take_apart({data, size}, allocator);
    } catch (const residua::Error& error) {
        if (error.code() != residua::ErrorCode::kMemoryLimit)
            residua::fuzz::finding(std::string("a file was not taken apart: ") + error.what());
    }
    return 0;
}
