#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "image_io/source_bytes.h"
#include "image_io/tiff_kind.h"

namespace image_io {

namespace {

constexpr uint16_t kTileOffsets = 324, kTileSizes = 325, kSubdirectories = 330, kDngVersion = 50706;
constexpr size_t kMostPages = 65535;
constexpr uint64_t kReduced = 1;

uint64_t number_of(TiffDirectories& file, const TiffDirectories::Directory& directory, uint16_t tag,
                   uint64_t otherwise) {
    const auto* entry = directory.find(tag);
    return entry && entry->count > 0 ? file.number(*entry) : otherwise;
}

// Whether a picture is what a sensor saw, through its colour filters.
bool is_sensor(TiffDirectories& file, const TiffDirectories::Directory& directory) {
    const uint64_t photometric = number_of(file, directory, tag::kPhotometric, 0);
    const uint64_t compression = number_of(file, directory, tag::kCompression, 1);
    return photometric == 32803 || photometric == 34892 || compression == 34713 || compression == 32767 ||
           compression == 65535 || directory.find(kDngVersion);
}

[[noreturn]] void refuse_raw() {
    unsupported(
        "this is a camera raw file, whose sensor data are no picture yet; keep the file as it is, or "
        "develop it to PNG or TIFF first, for example with darktable or RawTherapee");
}

// Nothing where it does not lie in the file.
std::optional<TiffDirectories::Directory> directory_at(TiffDirectories& file, uint64_t position) {
    try {
        return file.read(position);
    } catch (const ImageError& error) {
        if (error.failure() != Failure::kDamaged) throw;
        return {};
    }
}

// The directories that hang on this one. A broken list of them has none.
std::vector<TiffDirectories::Directory> subdirectories(TiffDirectories& file,
                                                       const TiffDirectories::Directory& directory,
                                                       Description& image) {
    std::vector<TiffDirectories::Directory> found;
    const auto* entry = directory.find(kSubdirectories);
    if (!entry) return found;
    for (const uint64_t position : file.numbers(*entry))
        if (auto below = directory_at(file, position))
            found.push_back(std::move(*below));
        else
            image.lost.emplace_back("a subdirectory that does not lie in the file");
    return found;
}

// Behind the pixels of a picture; 0 where that cannot be told.
uint64_t pixels_end(TiffDirectories& file, const TiffDirectories::Directory& directory) {
    const bool tiled = directory.find(kTileOffsets);
    const auto* offsets = directory.find(tiled ? kTileOffsets : tag::kStripOffsets);
    const auto* sizes = directory.find(tiled ? kTileSizes : tag::kStripSizes);
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
        std::optional<TiffDirectories::Directory> found;
        if (seen.size() == 1)
            found = file.read(position);
        else if (found = directory_at(file, position); !found) {
            image.lost.emplace_back("further pictures, whose directory does not lie in the file");
            break;
        }
        TiffDirectories::Directory& directory = *found;
        if (is_sensor(file, directory)) refuse_raw();
        const uint64_t next = directory.next;
        if (chosen.pages > 0 && !directory.find(tag::kWidth) && !directory.find(tag::kHeight)) {
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
    check_page(options, chosen.pages);

    const std::vector<TiffDirectories::Directory> below = subdirectories(file, chosen.directory, image);
    const bool reduced = number_of(file, chosen.directory, tag::kNewSubfileType, 0) & kReduced;
    for (const TiffDirectories::Directory& directory : below)
        if (is_sensor(file, directory)) refuse_raw();
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
