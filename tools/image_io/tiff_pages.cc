#include <algorithm>
#include <set>
#include <string>

#include "image_io/source_bytes.h"
#include "image_io/tiff_kind.h"

namespace image_io {

namespace {

enum Tag : uint16_t {
    kSubfile = 254,
    kWidth = 256,
    kHeight = 257,
    kCompression = 259,
    kPhotometric = 262,
    kStripOffsets = 273,
    kStripSizes = 279,
    kTileOffsets = 324,
    kTileSizes = 325,
    kSubdirectories = 330,
    kDngVersion = 50706,
};
constexpr size_t kMostPages = 65535;
constexpr uint64_t kReduced = 1;

uint64_t number_of(TiffDirectories& file, const TiffDirectories::Directory& directory, uint16_t tag,
                   uint64_t otherwise) {
    const auto* entry = directory.find(tag);
    return entry && entry->count > 0 ? file.number(*entry) : otherwise;
}

// Whether a picture is what a sensor saw, through its colour filters.
bool is_sensor(TiffDirectories& file, const TiffDirectories::Directory& directory) {
    const uint64_t photometric = number_of(file, directory, kPhotometric, 0);
    const uint64_t compression = number_of(file, directory, kCompression, 1);
    return photometric == 32803 || photometric == 34892 || compression == 34713 || compression == 32767 ||
           compression == 65535 || directory.find(kDngVersion);
}

[[noreturn]] void refuse_raw() {
    unsupported(
        "this is a camera raw file, whose sensor data are no picture yet; keep the file as it is, or "
        "develop it to PNG or TIFF first, for example with darktable or RawTherapee");
}

// The places of the directories that hang on this one. A broken list of them has none.
std::vector<uint64_t> subdirectories(TiffDirectories& file, const TiffDirectories::Directory& directory) {
    const auto* entry = directory.find(kSubdirectories);
    return entry ? file.numbers(*entry) : std::vector<uint64_t>();
}

// Behind the pixels of a picture; 0 where that cannot be told.
uint64_t pixels_end(TiffDirectories& file, const TiffDirectories::Directory& directory) {
    const bool tiled = directory.find(kTileOffsets);
    const auto* offsets = directory.find(tiled ? kTileOffsets : kStripOffsets);
    const auto* sizes = directory.find(tiled ? kTileSizes : kStripSizes);
    if (!offsets || !sizes) return 0;
    const std::vector<uint64_t> begins = file.numbers(*offsets), lengths = file.numbers(*sizes);
    uint64_t end = 0;
    for (size_t i = 0; i < std::min(begins.size(), lengths.size()); ++i)
        if (lengths[i] <= UINT64_MAX - begins[i]) end = std::max(end, begins[i] + lengths[i]);
    return end;
}

}  // namespace

TiffPage choose_tiff_page(Source& source, TiffDirectories& file, const ReadOptions& options,
                          Description& image) {
    // Canon's CR2 says what it is behind the header.
    if (starts_with(bytes_at(source, 8, 2), "CR")) refuse_raw();
    std::set<uint64_t> seen;
    TiffPage chosen;
    chosen.pages = 0;
    const uint32_t wanted = std::max(options.page, 1U);
    for (uint64_t position = file.first(); position != 0 && seen.insert(position).second;) {
        if (seen.size() > kMostPages) break;
        if (seen.size() % 256 == 0) options.check_interrupted();
        auto directory = file.read(position);
        if (is_sensor(file, directory)) refuse_raw();
        const uint64_t next = directory.next;
        if (chosen.pages > 0 && !directory.find(kWidth) && !directory.find(kHeight)) {
            if (chosen.pages == wanted && chosen.thumbnail.entries.empty())
                chosen.thumbnail = std::move(directory);
            else
                image.lost.emplace_back("a directory without a picture");
        } else if (++chosen.pages == wanted) {
            chosen.position = position, chosen.directory = std::move(directory);
        }
        position = next;
    }
    if (chosen.pages == 0) damaged("the TIFF file is damaged: it has no picture");
    if (chosen.pages > 1 && options.page == 0)
        unsupported("the TIFF file holds " + count_of(chosen.pages, "picture") +
                    "; choose one with --page 1 to --page " + std::to_string(chosen.pages) +
                    ", or take the file apart first, for example with tiffsplit");
    if (wanted > chosen.pages)
        unsupported("there is no page " + std::to_string(wanted) + ": the file holds " +
                    count_of(chosen.pages, "picture"));

    const std::vector<uint64_t> below = subdirectories(file, chosen.directory);
    const bool reduced = number_of(file, chosen.directory, kSubfile, 0) & kReduced;
    for (const uint64_t position : below)
        if (is_sensor(file, file.read(position))) refuse_raw();
    if (reduced && !below.empty() && wanted == 1) refuse_raw();
    if (reduced && chosen.pages == 1 && options.page == 0)
        unsupported(
            "the TIFF picture says that it is a smaller version of another, as in camera raw files; to "
            "keep it nevertheless: --page 1");
    if (!below.empty() && options.page == 0)
        unsupported("the TIFF file holds " + count_of(below.size() + 1, "picture") +
                    " (some of them in subdirectories), of which Residua would keep the main one; to do so: "
                    "--page 1");
    if (!below.empty()) image.lost.push_back(count_of(below.size(), "picture") + " in subdirectories");
    if (chosen.pages > 1)
        image.lost.push_back("the other " + count_of(chosen.pages - 1, "picture") + " of the file");
    else if (below.empty())
        chosen.end = pixels_end(file, chosen.directory);
    return chosen;
}

}  // namespace image_io
