// What a file says of the JPEGs that it keeps, read, and their scans written of made-up coefficients. Two
// bytes say how long the description is, two how long the file that it is of; the description and the foreign
// bytes follow.
#include "jpeg/dissection.h"
#include "support.h"

namespace {

constexpr uint64_t kPartsLimit = uint64_t{1} << 20;

// Mostly zeros and small numbers, as in pictures, and some that are at the ends of their range.
void make_up(residua::jpeg::JpegPart& part, uint32_t seed) {
    for (auto& plane : part.planes)
        for (int16_t& coefficient : plane.span()) {
            seed = seed * 1664525 + 1013904223;
            const auto number = static_cast<int16_t>(seed >> 16);
            const uint32_t kind = seed >> 8 & 255;
            coefficient = kind < 1    ? number
                          : kind < 8  ? static_cast<int16_t>(number % 512)
                          : kind < 32 ? static_cast<int16_t>(number % 4)
                                      : int16_t{0};
        }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace residua;
    constexpr size_t kHead = 4;
    if (size < kHead) return 0;
    const size_t structure_size = data[0] | data[1] << 8, file_size = data[2] | data[3] << 8;
    const std::span<const uint8_t> bytes(data + kHead, size - kHead);
    if (structure_size > bytes.size()) return 0;
    Allocator allocator(kPartsLimit);
    try {
        Buffer<uint8_t> file(allocator, file_size);
        jpeg::Dissection kept = jpeg::read_structure(bytes.first(structure_size),
                                                     bytes.subspan(structure_size), file.span(), allocator);
        for (jpeg::JpegPart& part : kept.jpegs) {
            part.allocate(allocator);
            make_up(part, static_cast<uint32_t>(size));
        }
        jpeg::write_scans(kept, file.span());
    } catch (const Error& error) {
        if (error.code() == ErrorCode::kInternal || std::string(error.what()).size() < 10)
            fuzz::finding(std::string("an error that says nothing: ") + error.what());
    }
    return 0;
}
