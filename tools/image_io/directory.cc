#include "image_io/directory.h"

#include <algorithm>
#include <set>

#include "image_io/source_bytes.h"
#include "image_io/tiff_directory.h"

namespace image_io {

namespace {

bool is_pointer(uint16_t tag) {
    return tag == tag::kExif || tag == tag::kGps || tag == tag::kInteroperability;
}

// Over the directories of a file that the block is like. What does not lie within it makes it none.
class ExifParser {
  public:
    explicit ExifParser(std::span<const uint8_t> block) : source_(block), file_(source_, options_) {
        options_.max_bytes = block.size();  // fields that lie over each other could ask for far more
    }

    bool big_endian() const { return file_.big_endian(); }
    uint64_t first() const { return file_.first(); }

    // Where the next directory is, 0 for none; nothing for a broken one.
    std::optional<uint64_t> parse(uint64_t position, Directory& directory) {
        try {
            return take_directory(position, directory, 0);
        } catch (const ImageError&) {
            return {};
        }
    }

  private:
    std::optional<uint64_t> take_directory(uint64_t position, Directory& directory, int depth) {
        constexpr int kDeepest = 2;  // interoperability, in Exif, in the first one
        if (depth > kDeepest || !seen_.insert(position).second) return {};
        const TiffDirectories::Directory found = file_.read(position);
        for (const TiffDirectories::Entry& entry : found.entries)
            if (!take_field(entry, directory, depth)) return {};
        return found.next;
    }

    bool take_field(const TiffDirectories::Entry& entry, Directory& directory, int depth) {
        if (entry.outside || field_value_size(entry.type) == 0) return false;
        if (is_pointer(entry.tag) && entry.count == 1 && (entry.type == kLong || entry.type == kIfd)) {
            Directory below;
            if (!take_directory(file_.number(entry), below, depth + 1)) return false;
            directory.below[entry.tag] = std::move(below);
            return true;
        }
        directory.set({entry.tag, entry.type, entry.count, file_.little_endian(entry)});
        return true;
    }

    MemorySource source_;
    ReadOptions options_;
    TiffDirectories file_;
    std::set<uint64_t> seen_;  // directories, none of which may come twice
};

void patch(std::vector<uint8_t>& out, size_t at, std::span<const uint8_t> bytes) {
    std::copy(bytes.begin(), bytes.end(), out.begin() + static_cast<ptrdiff_t>(at));
}

void patch_offset(std::vector<uint8_t>& out, size_t at, uint64_t value, const NumberFormat& format) {
    std::vector<uint8_t> bytes;
    format.put(bytes, value, format.big_tiff ? 8 : 4);
    patch(out, at, bytes);
}

std::vector<uint8_t> values_of(const Field& field, bool big_endian) {
    std::vector<uint8_t> values = field.values;
    const auto part = static_cast<ptrdiff_t>(field_part_size(field.type));
    if (big_endian)
        for (auto value = values.begin(); values.end() - value >= part; value += part)
            std::reverse(value, value + part);
    return values;
}

// Returns where its pointer to a next directory is.
size_t append(std::vector<uint8_t>& out, const Directory& directory, const NumberFormat& format) {
    const bool big = format.big_tiff;
    const size_t offset_size = big ? 8 : 4, head = big ? 8 : 2, entry_size = big ? 20 : 12;
    std::map<uint16_t, Field> pointers;
    std::map<uint16_t, const Field*> all;
    for (const auto& [tag, field] : directory.fields) all[tag] = &field;
    for (const auto& [tag, below] : directory.below) {
        // Their values are filled in when it is known where they begin.
        pointers[tag] = Field::number(tag, big ? kIfd8 : kLong, 0);
        all[tag] = &pointers[tag];
    }
    size_t at = out.size() + head;
    const size_t next = at + entry_size * all.size();
    format.put(out, all.size(), head);
    out.resize(next + offset_size, 0);  // no next directory
    std::map<uint16_t, size_t> places;  // of values
    for (const auto& [tag, field] : all) {
        std::vector<uint8_t> entry;
        format.put(entry, field->tag, 2);
        format.put(entry, field->type, 2);
        format.put(entry, field->count, big ? 8 : 4);
        patch(out, at, entry);
        places[tag] = at + entry.size();
        at += entry_size;
        const std::vector<uint8_t> values = values_of(*field, format.big_endian);
        if (values.size() <= offset_size) {
            patch(out, places[tag], values);
            continue;
        }
        if (out.size() % 2) out.push_back(0);
        patch_offset(out, places[tag], out.size(), format);
        out.insert(out.end(), values.begin(), values.end());
    }
    for (const auto& [tag, below] : directory.below) {
        if (out.size() % 2) out.push_back(0);
        patch_offset(out, places[tag], out.size(), format);
        append(out, below, format);
    }
    return next;
}

}  // namespace

size_t field_value_size(uint16_t type) {
    static constexpr uint8_t kSizes[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
    return type < std::size(kSizes) ? kSizes[type] : 0;
}

size_t field_part_size(uint16_t type) {
    return type == kRational || type == kSignedRational ? 4 : std::max<size_t>(field_value_size(type), 1);
}

Field Field::shorts(uint16_t tag, std::span<const uint16_t> values) {
    Field field{tag, kShort, values.size(), {}};
    for (const uint16_t value : values) put_little(field.values, value, 2);
    return field;
}

Field Field::number(uint16_t tag, uint16_t type, uint64_t value) {
    Field field{tag, type, 1, {}};
    put_little(field.values, value, field_value_size(type));
    return field;
}

Field Field::rational(uint16_t tag, uint32_t numerator, uint32_t denominator) {
    Field field{tag, kRational, 1, {}};
    put_little(field.values, numerator, 4);
    put_little(field.values, denominator, 4);
    return field;
}

Field Field::bytes(uint16_t tag, uint16_t type, std::span<const uint8_t> values) {
    return {tag, type, values.size(), {values.begin(), values.end()}};
}

uint64_t Field::first() const {
    const size_t size = field_value_size(type);
    if (type == kRational || size == 0 || values.size() < size) return 0;
    uint64_t value = 0;
    for (size_t i = size; i-- > 0;) value = value << 8 | values[i];
    return value;
}

std::optional<ExifBlock> parse_exif(std::span<const uint8_t> block) {
    if (block.size() > UINT32_MAX || !is_exif(block)) return {};
    ExifParser parser(block);
    ExifBlock exif;
    exif.big_endian = parser.big_endian();
    const std::optional<uint64_t> next = parser.parse(parser.first(), exif.main);
    if (!next) return {};
    exif.has_next = *next != 0;
    if (!exif.has_next) return exif;
    Thumbnail thumbnail;
    if (!parser.parse(*next, thumbnail.directory)) return exif;
    const auto number = [&](uint16_t tag) {
        const auto field = thumbnail.directory.fields.find(tag);
        return field == thumbnail.directory.fields.end() ? 0 : field->second.first();
    };
    const uint64_t at = number(tag::kJpegOffset), size = number(tag::kJpegSize);
    if (size > block.size() || at > block.size() - size || thumbnail.directory.has(tag::kStripOffsets))
        return exif;
    const auto jpeg = block.subspan(static_cast<size_t>(at), static_cast<size_t>(size));
    thumbnail.jpeg.assign(jpeg.begin(), jpeg.end());
    thumbnail.directory.fields.erase(tag::kJpegOffset);
    thumbnail.directory.fields.erase(tag::kJpegSize);
    exif.thumbnail = std::move(thumbnail);
    return exif;
}

void NumberFormat::put(std::vector<uint8_t>& out, uint64_t value, size_t size) const {
    if (big_endian)
        put_big(out, value, size);
    else
        put_little(out, value, size);
}

std::vector<uint8_t> make_exif(const ExifBlock& block) {
    const NumberFormat format{block.big_endian, false};
    std::vector<uint8_t> bytes(2, block.big_endian ? 'M' : 'I');
    format.put(bytes, 42, 2);
    format.put(bytes, 8, 4);
    append_directory(bytes, block.main, block.thumbnail, format);
    return bytes;
}

void append_directory(std::vector<uint8_t>& out, const Directory& directory,
                      const std::optional<Thumbnail>& thumbnail, const NumberFormat& format) {
    const size_t link = append(out, directory, format);
    if (!thumbnail) return;
    if (out.size() % 2) out.push_back(0);
    Directory second = thumbnail->directory;
    if (!thumbnail->jpeg.empty()) {
        second.set(Field::number(tag::kJpegOffset, kLong, out.size()));
        second.set(Field::number(tag::kJpegSize, kLong, thumbnail->jpeg.size()));
        out.insert(out.end(), thumbnail->jpeg.begin(), thumbnail->jpeg.end());
    }
    if (out.size() % 2) out.push_back(0);
    patch_offset(out, link, out.size(), format);
    append(out, second, format);
}

}  // namespace image_io
