// Writes small files of every codec, with all that files can hold, for the
// targets to begin with (scripts/fuzz-corpus): FOLDER/file/* for decode, rows
// and inspect, FOLDER/jpeg/*, FOLDER/scans/*, FOLDER/structure/*,
// FOLDER/model/*, FOLDER/round_trip/*, and FOLDER/picture/*.pnm.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "image_io/test_image.h"
#include "jpeg/enc_dissect.h"
#include "support.h"
#include "tests/support/kept_files.h"

namespace residua::fuzz {
namespace {

void write(const std::filesystem::path& path, const uint8_t* data, size_t size) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    if (!file.flush()) finding("cannot write " + path.string());
}

// Slopes, an edge and a little noise: something of what photographs have.
std::vector<uint8_t> make_pixels(uint32_t width, uint32_t height, uint32_t channels) {
    std::vector<uint8_t> pixels;
    uint32_t noise = 1;
    for (uint32_t y = 0; y < height; ++y)
        for (uint32_t x = 0; x < width; ++x)
            for (uint32_t c = 0; c < channels; ++c) {
                noise = noise * 1664525 + 1013904223;
                pixels.push_back(
                    static_cast<uint8_t>(3 * x + (c + 1) * y + (x > y ? 60 : 0) + (noise >> 30)));
            }
    return pixels;
}

struct Case {
    const char* name;
    residua_encode_options options;
    uint32_t width, height, channels;
    bool metadata;
};

std::vector<Case> cases() {
    std::vector<Case> all;
    for (const char* codec : {"olm", "rc", "l3c"}) {
        residua_encode_options options = RESIDUA_INIT(residua_encode_options);
        options.codec = codec;
        options.effort = 1;
        all.push_back({"rgb", options, 33, 21, 3, false});
        all.push_back({"grey", options, 16, 18, 1, false});
        all.push_back({"one-pixel", options, 1, 1, 3, false});
        all.push_back({"metadata", options, 9, 7, 3, true});
        options.strip_height = 16;
        all.push_back({"strips", options, 20, 40, 3, true});
        options.strip_height = 0;
        options.effort = 9;
        all.push_back({"effort-9", options, 24, 24, 3, false});
    }
    return all;
}

// A sequential JPEG as if its samples had 12 bits, which its coefficients do not say.
std::vector<uint8_t> of_twelve_bits(std::vector<uint8_t> jpeg) {
    static constexpr uint8_t kSof0[] = {0xff, 0xc0, 0, 17, 8};
    const auto frame = std::search(jpeg.begin(), jpeg.end(), std::begin(kSof0), std::end(kSof0));
    if (frame == jpeg.end()) finding("a sequential JPEG has no frame");
    frame[1] = 0xc1;
    frame[4] = 12;
    return jpeg;
}

// Of each kind of JPEG, as small as it can be.
std::vector<testing::KeptFile> jpegs() {
    using test::JpegRecipe;
    using test::JpegSpace;
    const JpegRecipe basic{.width = 21, .height = 17, .sampling = {{2, 2}}, .quality = 50};
    std::vector<testing::KeptFile> all = testing::tiny_kept_files();
    const auto add = [&](const std::string& name, const auto& change) {
        JpegRecipe recipe = basic;
        change(recipe);
        all.push_back({name, test::make_jpeg(recipe, 1)});
    };
    add("restarts", [](JpegRecipe& r) { r.restart_mcus = 1; });
    add("grey", [](JpegRecipe& r) { r.space = JpegSpace::kGrey, r.sampling = {}; });
    add("cmyk", [](JpegRecipe& r) { r.space = JpegSpace::kCmyk, r.sampling = {}; });
    add("ycck", [](JpegRecipe& r) { r.space = JpegSpace::kYcck; });
    add("separate", [](JpegRecipe& r) { r.separate_scans = true; });
    add("optimised", [](JpegRecipe& r) { r.optimised = true, r.quality = 90; });
    add("progressive-restarts", [](JpegRecipe& r) { r.progressive = true, r.restart_mcus = 2; });
    add("progressive-grey", [](JpegRecipe& r) { r.progressive = true, r.space = JpegSpace::kGrey; });
    add("wild", [](JpegRecipe& r) { r.wild_coefficients = 1000, r.wild_steps = 1; });
    add("arithmetic-grey-restarts", [](JpegRecipe& r) {
        r.arithmetic = true, r.space = JpegSpace::kGrey, r.sampling = {}, r.restart_mcus = 3;
    });
    add("arithmetic-progressive", [](JpegRecipe& r) { r.arithmetic = r.progressive = true; });
    all.push_back({"odd-arithmetic", testing::odd_arithmetic_jpeg(40, 30)});
    all.push_back({"twelve-bits", of_twelve_bits(test::make_jpeg(basic, 1))});
    all.push_back({"odd", testing::odd_jpeg(40, 30)});
    return all;
}

// As structure reads them.
std::vector<uint8_t> structure_of(std::span<const uint8_t> file) {
    Allocator allocator;
    const jpeg::Dissection dissection = jpeg::dissect(file, allocator);
    const std::vector<uint8_t> structure = jpeg::write_structure(dissection);
    const Buffer<uint8_t> foreign = jpeg::foreign_bytes(dissection, file, allocator);
    std::vector<uint8_t> bytes;
    for (const size_t number : {structure.size(), file.size()})
        for (const size_t byte : {number & 255, number >> 8 & 255})
            bytes.push_back(static_cast<uint8_t>(byte));
    bytes.insert(bytes.end(), structure.begin(), structure.end());
    bytes.insert(bytes.end(), foreign.data(), foreign.data() + foreign.size());
    return bytes;
}

void make_jpegs(const std::filesystem::path& folder) {
    for (const testing::KeptFile& file : jpegs()) {
        for (const char* where : {"jpeg", "scans"})
            write(folder / where / (file.name + ".jpg"), file.bytes.data(), file.bytes.size());
        const std::vector<uint8_t> structure = structure_of(file.bytes);
        write(folder / "structure" / file.name, structure.data(), structure.size());
    }
}

void make(const std::filesystem::path& folder) {
    make_jpegs(folder);
    context coder = make_context();
    static const uint8_t text[] = "II*\0some bytes of metadata";
    for (const Case& c : cases()) {
        const std::vector<uint8_t> pixels = make_pixels(c.width, c.height, c.channels);
        residua_image picture = picture_of(pixels, c.width, c.height, c.channels);
        const residua_metadata metadata[] = {
            {"icc", text, sizeof text}, {"exif", text, sizeof text}, {"xmp", text, sizeof text}};
        if (c.metadata) picture.metadata = metadata, picture.metadata_count = 3;
        const buffer file = coder.encode(picture, c.options);
        write(folder / "file" / (std::string(c.options.codec) + "-" + c.name + ".rsd"), file.data(),
              file.size());
    }
    for (const std::string& path : golden_files(".rsd")) {
        const std::vector<uint8_t> bytes = read_bytes(path);
        write(folder / "file" / std::filesystem::path(path).filename(), bytes.data(), bytes.size());
        if (residua_jpeg_is_kept(bytes.data(), bytes.size()))
            write(folder / "jpeg" / std::filesystem::path(path).filename(), bytes.data(), bytes.size());
    }
    const buffer kept = coder.jpeg_encode(text, sizeof text);
    for (const char* where : {"file", "jpeg"}) write(folder / where / "text.rsd", kept.data(), kept.size());
    for (const std::string& path : golden_files(".rsm")) {
        const std::vector<uint8_t> bytes = read_bytes(path);
        write(folder / "model" / std::filesystem::path(path).filename(), bytes.data(), bytes.size());
    }
    // Heads as round_trip reads them: codec, effort, proof, strips, kind, metadata and bits. The last kinds
    // are for olm alone.
    for (uint8_t codec = 0; codec < 3; ++codec)
        for (uint8_t kind = 0; kind < (codec == 0 ? 24 : 4); ++kind) {
            std::vector<uint8_t> bytes = {23,   19,   codec, kind,
                                          kind, kind, kind,  static_cast<uint8_t>(kind >> 1)};
            for (uint8_t pixel : make_pixels(24, 20, kind & 1 ? 1 : 3)) bytes.push_back(pixel);
            write(folder / "round_trip" / (std::to_string(codec) + "-" + std::to_string(kind)), bytes.data(),
                  bytes.size());
        }
    for (uint32_t channels : {1U, 3U}) {
        const std::vector<uint8_t> pixels = make_pixels(13, 9, channels);
        const image_io::Image view = image_io::test_image(13, 9, channels, pixels, text, text, text);
        for (const auto format : {image_io::OutputFormat::kPng, image_io::OutputFormat::kPnm}) {
            const std::vector<uint8_t> bytes = image_io::write(view, format);
            const char* extension = format == image_io::OutputFormat::kPng ? ".png" : ".pnm";
            write(folder / "picture" / (std::to_string(channels) + extension), bytes.data(), bytes.size());
        }
    }
}

}  // namespace
}  // namespace residua::fuzz

int main(int count, char** arguments) {
    if (count != 2) {
        std::fprintf(stderr, "usage: make_corpus FOLDER\n");
        return 2;
    }
    try {
        residua::fuzz::make(arguments[1]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "make_corpus: %s\n", error.what());
        return 1;
    }
}
