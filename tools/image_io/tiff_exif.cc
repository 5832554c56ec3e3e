#include <algorithm>

#include "image_io/tiff_metadata.h"

namespace image_io {

namespace {

using tag::kExif;
using tag::kGps;
using tag::kInteroperability;

class Builder {
  public:
    Builder(TiffDirectories& file, Description& image) : file_(file), image_(image) {
        const uint8_t mark = file.big_endian() ? 'M' : 'I';
        block_ = {mark, mark};
        put(block_.size(), 42, 2);
        put(block_.size(), 8, 4);
    }

    // Appends a directory of those entries that are kept. Returns where its link to a next one is.
    size_t add(std::vector<TiffDirectories::Entry> entries) {
        std::erase_if(entries, [this](const TiffDirectories::Entry& entry) { return !is_kept(entry); });
        const size_t begin = block_.size();
        block_.resize(begin + 2 + 12 * entries.size() + 4);
        put(begin, entries.size(), 2);
        for (size_t i = 0; i < entries.size(); ++i) add_entry(begin + 2 + 12 * i, entries[i]);
        return begin + 2 + 12 * entries.size();
    }

    // Behind the directory with that link.
    void add_thumbnail(size_t link, std::vector<TiffDirectories::Entry> entries) {
        const auto entry = [&](uint16_t tag) {
            const auto found = std::ranges::find(entries, tag, &TiffDirectories::Entry::tag);
            return found == entries.end() ? nullptr : &*found;
        };
        if (const auto* position = entry(tag::kJpegOffset), *size = entry(tag::kJpegSize); position && size)
            jpeg_ = file_.values({0, kUndefined, file_.number(*size), file_.at(file_.number(*position)),
                                  file_.number(*size), false});
        std::erase_if(entries, [](const auto& e) { return is_directory(e.tag); });
        align();
        put(link, block_.size(), 4);
        add(std::move(entries));
    }

    std::vector<uint8_t> take() { return std::move(block_); }

  private:
    static bool is_directory(uint16_t tag) { return tag == kExif || tag == kGps || tag == kInteroperability; }

    bool is_kept(const TiffDirectories::Entry& entry) {
        const bool pointer = (entry.type == kIfd || entry.type == kIfd8) && !is_directory(entry.tag);
        if (!pointer && !entry.outside && field_value_size(entry.type) != 0) return true;
        image_.lost.push_back("Exif tag " + std::to_string(entry.tag) + ", which cannot be read");
        return false;
    }

    void add_entry(size_t at, const TiffDirectories::Entry& entry) {
        std::vector<uint8_t> values;
        uint16_t type = entry.type;
        uint64_t count = entry.count;
        if (is_directory(entry.tag)) {
            align();
            const size_t position = block_.size();
            type = kLong, count = 1;
            put_entry(at, entry.tag, type, count);
            put(at + 8, position, 4);
            std::vector<TiffDirectories::Entry> entries = file_.read(file_.number(entry)).entries;
            // Deeper ones there are none, but in circles.
            if (entry.tag == kInteroperability)
                std::erase_if(entries, [](const auto& e) { return is_directory(e.tag); });
            std::erase_if(entries, [](const auto& e) { return e.tag == kExif || e.tag == kGps; });
            add(std::move(entries));
            return;
        }
        if (entry.tag == tag::kJpegOffset && !jpeg_.empty()) {
            align();
            put_entry(at, tag::kJpegOffset, kLong, 1);
            put(at + 8, block_.size(), 4);
            block_.insert(block_.end(), jpeg_.begin(), jpeg_.end());
            return;
        }
        values = file_.values(entry);
        if (type == kLong8) values = shortened(entry, type);
        put_entry(at, entry.tag, type, count);
        if (values.size() > 4) {
            align();
            put(at + 8, block_.size(), 4);
            block_.insert(block_.end(), values.begin(), values.end());
        } else {
            std::ranges::copy(values, block_.begin() + static_cast<ptrdiff_t>(at + 8));
        }
    }

    // Exif has no numbers of 8 bytes.
    std::vector<uint8_t> shortened(const TiffDirectories::Entry& entry, uint16_t& type) {
        std::vector<uint8_t> bytes;
        for (const uint64_t number : file_.numbers(entry)) {
            if (number > UINT32_MAX) return file_.values(entry);
            for (int i = 0; i < 4; ++i)
                bytes.push_back(static_cast<uint8_t>(number >> 8 * (file_.big_endian() ? 3 - i : i)));
        }
        type = kLong;
        return bytes;
    }

    void put_entry(size_t at, uint16_t tag, uint16_t type, uint64_t count) {
        put(at, tag, 2);
        put(at + 2, type, 2);
        put(at + 4, count, 4);
    }
    void put(size_t at, uint64_t value, size_t bytes) {
        block_.resize(std::max(block_.size(), at + bytes));
        for (size_t i = 0; i < bytes; ++i)
            block_[at + i] = static_cast<uint8_t>(value >> 8 * (file_.big_endian() ? bytes - 1 - i : i));
    }
    void align() { block_.resize((block_.size() + 1) / 2 * 2); }

    TiffDirectories& file_;
    Description& image_;
    std::vector<uint8_t> block_, jpeg_;
};

}  // namespace

std::vector<uint8_t> make_exif(TiffDirectories& file, const TiffTags& tags, Description& image) {
    std::vector<TiffDirectories::Entry> pointers;
    for (const uint16_t tag : {kExif, kGps})
        if (const auto* entry = tags.picture.find(tag)) {
            try {
                (void)file.read(file.number(*entry));
                pointers.push_back(*entry);
            } catch (const ImageError&) {
                image.lost.push_back(std::string(tag == kExif ? "Exif" : "GPS") +
                                     ", whose directory is damaged");
            }
        }
    if (pointers.empty() && tags.thumbnail.entries.empty()) return {};
    Builder builder(file, image);
    const size_t link = builder.add(pointers);
    if (!tags.thumbnail.entries.empty()) builder.add_thumbnail(link, tags.thumbnail.entries);
    return builder.take();
}

}  // namespace image_io
