// residua verify: that files decode, and to what they were made from.
#include <algorithm>
#include <map>
#include <optional>

#include "batch.h"
#include "kept.h"
#include "listing.h"
#include "picture.h"
#include "text.h"

namespace tool {

namespace {

using image_io::Metadata;

// An interlaced PNG comes back in one pass: that it was one is no difference.
std::vector<Metadata> compared(std::vector<Metadata> metadata) {
    constexpr size_t kSize = 13, kType = 9, kInterlacing = 12;
    constexpr uint8_t kIndexed = 3;
    std::erase_if(metadata, [](Metadata& entry) {
        if (entry.name != "png:IHDR" || entry.bytes.size() != kSize) return false;
        entry.bytes[kInterlacing] = 0;
        return entry.bytes[kType] != kIndexed;
    });
    return metadata;
}

std::string numbered(const std::map<std::string, size_t>& seen, const std::string& name) {
    const size_t number = seen.at(name);
    return printable(name) + (number > 1 ? " (number " + std::to_string(number) + ")" : "");
}

// The first difference; empty where there is none.
std::string difference(const std::vector<Metadata>& kept, const std::vector<Metadata>& original) {
    std::map<std::string, size_t> seen;
    for (size_t i = 0; i < std::max(kept.size(), original.size()); ++i) {
        if (i == kept.size()) {
            ++seen[original[i].name];
            return "lacks the original's " + numbered(seen, original[i].name);
        }
        ++seen[kept[i].name];
        if (i == original.size()) return "has " + numbered(seen, kept[i].name) + ", which the original lacks";
        if (kept[i] == original[i]) continue;
        if (kept[i].name == original[i].name)
            return "differs from the original in " + numbered(seen, kept[i].name);
        const bool elsewhere = std::ranges::count(kept, original[i].name, &Metadata::name) >=
                               std::ranges::count(original, original[i].name, &Metadata::name);
        if (!elsewhere) return "lacks the original's " + printable(original[i].name);
        return "has " + numbered(seen, kept[i].name) + " where the original has " +
               printable(original[i].name);
    }
    return "";
}

std::string size_text(const image_io::Description& picture) {
    return std::to_string(picture.width) + " x " + std::to_string(picture.height) + ", " + kind_name(picture);
}

// The decoded picture beside its original, which is read along with it. Throws Failure where they differ.
class Comparison {
  public:
    Comparison(App& app, const residua_image& decoded, const std::string& original)
        : original_(app.open_picture(original)) {
        const image_io::Description kept = description_of(decoded), &picture = original_.description();
        if (kept.width != picture.width || kept.height != picture.height || kept.colour != picture.colour ||
            kept.alpha != picture.alpha || kept.bits != picture.bits)
            throw Failure(kDamaged, "differs from the original in size or kind: " + size_text(kept) +
                                        "; the original: " + size_text(picture));
        difference_ = difference(compared(kept.metadata), compared(picture.metadata));
    }
    void rows(uint32_t first, uint32_t count, const void* pixels) {
        const size_t row_bytes = original_.description().row_bytes();
        rows_.resize(count * row_bytes);
        original_.read(count, rows_.data());
        const auto* decoded = static_cast<const uint8_t*>(pixels);
        const auto [here, there] = std::mismatch(rows_.begin(), rows_.end(), decoded);
        if (here == rows_.end()) return;
        const auto byte = static_cast<size_t>(here - rows_.begin());
        const size_t pixel_bytes = row_bytes / original_.description().width;
        throw Failure(kDamaged, "differs from the original in its pixels, first in row " +
                                    std::to_string(first + byte / row_bytes) + ", column " +
                                    std::to_string(byte % row_bytes / pixel_bytes));
    }
    void finish() const {
        if (!difference_.empty()) throw Failure(kDamaged, difference_ + "; the pixels are equal");
    }

  private:
    PictureInput original_;
    std::string difference_;  // of the metadata
    std::vector<uint8_t> rows_;
};

// A JPEG that is kept byte for byte has to have the original's bytes.
void compare_jpeg(App& app, const std::vector<uint8_t>& coded) {
    const std::string& against = app.options().against;
    const Input original = app.read(against);
    const residua::buffer jpeg = app.context().jpeg_decode(coded.data(), coded.size());
    if (!std::equal(jpeg.begin(), jpeg.end(), original.data(), original.data() + original.size()))
        throw Failure(kDamaged, "keeps a JPEG file whose bytes differ from the original's");
    app.message("good, and byte for byte equal to " + printable(against));
}

}  // namespace

int verify(const Options& options) {
    return run_batch(options, {InputKind::kCoded, "", "good"}, [&](App& app, Job& job) {
        FileInput file(job.input);
        Peeked bytes(file);
        const auto read = [&](void* data, size_t size) { return bytes.read(data, size); };
        if (!options.against.empty() && bytes.keeps_jpeg())
            return compare_jpeg(app, bytes.all(app.memory_limit()));
        if (options.against.empty()) {
            app.context().verify_rows(read, file.size());
            app.message("good");
            return;
        }
        std::optional<Comparison> comparison;
        app.context().decode_rows(
            read, file.size(),
            [&](const residua_image& image) { comparison.emplace(app, image, options.against); },
            [&](uint32_t first, uint32_t count, const void* pixels) {
                comparison->rows(first, count, pixels);
            });
        comparison->finish();
        app.message("good, and equal to " + printable(options.against));
    });
}

}  // namespace tool
