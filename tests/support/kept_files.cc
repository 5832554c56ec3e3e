#include "support/kept_files.h"

#include <span>

namespace residua::testing {

using test::JpegRecipe;
using test::JpegSpace;
using test::make_jpeg;

namespace {

// One by one: GCC 12 warns of insert() in what has a known size.
void append(Bytes& to, std::span<const uint8_t> bytes) {
    for (const uint8_t byte : bytes) to.push_back(byte);
}

}  // namespace

Bytes with_segment(const Bytes& jpeg, uint8_t marker, const Bytes& data) {
    const size_t size = data.size() + 2;
    Bytes bytes;
    append(bytes, std::span(jpeg).first(2));
    for (const size_t byte : {size_t{0xff}, size_t{marker}, size >> 8, size & 255})
        bytes.push_back(static_cast<uint8_t>(byte));
    append(bytes, data);
    append(bytes, std::span(jpeg).subspan(2));
    return bytes;
}

// Two directories, the first one empty: the second one has the thumbnail's place and size.
Bytes exif_with_thumbnail(const Bytes& thumbnail) {
    const auto size = static_cast<uint8_t>(thumbnail.size()),
               high = static_cast<uint8_t>(thumbnail.size() >> 8);
    const uint8_t directories[] = {'E', 'x', 'i', 'f', 0, 0, 'I', 'I', 42,   0,    8, 0, 0, 0,  // header
                                   0,   0,   14,  0,   0, 0, 2,   0,                      // first, second
                                   1,   2,   4,   0,   1, 0, 0,   0,   44,   0,    0, 0,  // place, from 'II'
                                   2,   2,   4,   0,   1, 0, 0,   0,   size, high, 0, 0, 0, 0,
                                   0,   0};  // size, no third directory
    Bytes bytes;
    append(bytes, directories);
    append(bytes, thumbnail);
    return bytes;
}

Bytes phone_photo(int width, int height) {
    const Bytes thumbnail = make_jpeg({.width = 24, .height = 16, .quality = 50, .jfif = false}, 2);
    Bytes photo = with_segment(make_jpeg({.width = width, .height = height, .sampling = {{2, 2}}}, 1), 0xe1,
                               exif_with_thumbnail(thumbnail));
    const Bytes gain_map = make_jpeg({.width = 30, .height = 20, .space = JpegSpace::kGrey}, 3);
    append(photo, gain_map);
    append(photo, Bytes{0, 0, 0, 0x18});
    for (const char c : std::string("ftypmp42 and what else is in a film"))
        photo.push_back(static_cast<uint8_t>(c));
    photo.push_back(0);
    return photo;
}

Bytes odd_jpeg(int width, int height) {
    Bytes jpeg = make_jpeg({.width = width, .height = height, .restart_rows = 1}, 7);
    for (size_t i = 0; i + 1 < jpeg.size(); ++i)  // restart markers in another order
        if (jpeg[i] == 0xff && jpeg[i + 1] == 0xd2) jpeg[i + 1] = 0xd5;
    jpeg.resize(jpeg.size() * 7 / 8);
    return with_segment(jpeg, 0xfe, {'o', 'd', 'd'});
}

Bytes odd_arithmetic_jpeg(int width, int height) {
    const Bytes jpeg = make_jpeg(
        {.width = width, .height = height, .restart_rows = 1, .progressive = true, .arithmetic = true}, 9);
    Bytes odd;
    for (size_t i = 0; i + 1 < jpeg.size() * 7 / 8; ++i) {
        if (jpeg[i] == 0xff && jpeg[i + 1] == 0xd1) odd.push_back(0);
        if (jpeg[i] == 0xff && jpeg[i + 1] == 0xd3) odd.pop_back();
        odd.push_back(jpeg[i]);
    }
    return odd;
}

namespace {

KeptFile jpeg(const std::string& name, const JpegRecipe& recipe, uint32_t seed = 1) {
    return {name, make_jpeg(recipe, seed), static_cast<uint32_t>(recipe.width),
            static_cast<uint32_t>(recipe.height)};
}

// What a file lacks that was not copied to its end.
KeptFile cut(KeptFile file, size_t bytes) {
    file.name += "Cut";
    file.bytes.resize(file.bytes.size() - bytes);
    return file;
}

KeptFile damaged(KeptFile file) {
    file.name += "Damaged";
    for (size_t i = file.bytes.size() * 2 / 3; i < file.bytes.size() - 2; i += 97) file.bytes[i] ^= 0x5a;
    return file;
}

}  // namespace

std::vector<KeptFile> kept_files() {
    const KeptFile baseline = jpeg("Baseline", {.width = 90, .height = 70, .sampling = {{2, 2}}});
    const KeptFile progressive =
        jpeg("Progressive", {.width = 90, .height = 70, .sampling = {{2, 1}}, .progressive = true});
    const KeptFile arithmetic =
        jpeg("ArithmeticProgressive",
             {.width = 90, .height = 70, .restart_rows = 2, .progressive = true, .arithmetic = true});
    return {
        baseline,
        progressive,
        jpeg("Restarts", {.width = 90, .height = 70, .restart_rows = 1}),
        jpeg("Grey", {.width = 90, .height = 70, .space = JpegSpace::kGrey}),
        jpeg("Rgb", {.width = 31, .height = 70, .space = JpegSpace::kRgb}),
        jpeg("Cmyk", {.width = 90, .height = 70, .space = JpegSpace::kCmyk}),
        jpeg("Ycck", {.width = 90, .height = 70, .space = JpegSpace::kYcck}),
        jpeg("Separate", {.width = 90, .height = 70, .sampling = {{2, 2}}, .separate_scans = true}),
        jpeg("One", {.width = 1, .height = 1}),
        jpeg("Arithmetic", {.width = 90, .height = 70, .sampling = {{2, 2}}, .arithmetic = true}),
        arithmetic,
        cut(arithmetic, 900),
        {"Phone", phone_photo(90, 70), 90, 70},
        cut(baseline, 2),
        cut(baseline, 700),
        cut(progressive, 900),
        {"Odd", odd_jpeg(90, 70), 90, 70},
        {"OddArithmetic", odd_arithmetic_jpeg(90, 70), 90, 70},
        damaged(baseline),
        damaged(progressive),
        {"None", std::vector<uint8_t>(500, 'n')},
    };
}

std::vector<KeptFile> tiny_kept_files() {
    return {jpeg("Baseline", {.width = 17, .height = 12, .sampling = {{2, 2}}, .quality = 30}),
            jpeg("Progressive", {.width = 17, .height = 12, .quality = 30, .progressive = true}),
            jpeg("Arithmetic", {.width = 17, .height = 12, .quality = 30, .arithmetic = true}),
            {"Phone", phone_photo(17, 12), 17, 12},
            {"None", {'n', 'o', ' ', 'p', 'i', 'c', 't', 'u', 'r', 'e'}}};
}

}  // namespace residua::testing
