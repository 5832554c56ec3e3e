#include "image_io/tiff_directory.h"

#include <algorithm>

#include "image_io/source_bytes.h"

namespace image_io {

namespace {

constexpr uint64_t kMostEntries = 65535;

[[noreturn]] void broken() { damaged("the TIFF file is damaged: a directory lies outside of it"); }

}  // namespace

const TiffDirectories::Entry* TiffDirectories::Directory::find(uint16_t tag) const {
    const auto found = std::ranges::find(entries, tag, &Entry::tag);
    return found == entries.end() ? nullptr : &*found;
}

TiffDirectories::TiffDirectories(Source& source, const ReadOptions& options, uint64_t base)
    : source_(source), options_(options), base_(base) {
    const std::vector<uint8_t> head = bytes_at(source, base, 16);
    if (head.size() < 8 || head[0] != head[1] || (head[0] != 'I' && head[0] != 'M'))
        damaged("the TIFF file is damaged: it has no header");
    big_endian_ = head[0] == 'M';
    const uint64_t version = decode(&head[2], 2);
    large_ = version == 43;
    if ((version != 42 && !large_) || (large_ && head.size() < 16))
        damaged("the TIFF file is damaged: its header is wrong");
    first_ = large_ ? decode(&head[8], 8) : decode(&head[4], 4);
    end_ = base + (large_ ? 16 : 8);
}

uint64_t TiffDirectories::decode(const uint8_t* bytes, size_t size) const {
    uint64_t value = 0;
    for (size_t i = 0; i < size; ++i) value = value << 8 | bytes[big_endian_ ? i : size - 1 - i];
    return value;
}

TiffDirectories::Directory TiffDirectories::read(uint64_t position) {
    const uint32_t head_size = large_ ? 8 : 2, entry_size = large_ ? 20 : 12, word = large_ ? 8 : 4;
    const uint64_t size = source_.size();
    if (position > size || base_ + position > size) broken();
    position += base_;
    const std::vector<uint8_t> head = bytes_at(source_, position, head_size);
    if (head.size() < head_size) broken();
    const uint64_t count = decode(head.data(), head_size);
    if (count > kMostEntries) broken();
    const std::vector<uint8_t> data = bytes_at(source_, position + head_size, count * entry_size + word);
    if (data.size() < count * entry_size) broken();
    Directory directory;
    for (uint64_t i = 0; i < count; ++i) {
        const uint8_t* bytes = &data[i * entry_size];
        Entry entry = {static_cast<uint16_t>(decode(bytes, 2)),
                       static_cast<uint16_t>(decode(bytes + 2, 2)),
                       decode(bytes + 4, word),
                       0,
                       0,
                       false};
        const size_t value_size = field_value_size(entry.type);
        if (value_size != 0 && entry.count > size / value_size) entry.count = 0, entry.outside = true;
        entry.bytes = entry.count * value_size;
        entry.position = entry.bytes <= word ? position + head_size + i * entry_size + 4 + word
                                             : base_ + decode(bytes + 4 + word, word);
        if (entry.position > size || entry.bytes > size - entry.position)
            entry.count = entry.bytes = 0, entry.outside = true;
        directory.entries.push_back(entry);
        if (!entry.outside) end_ = std::max(end_, entry.position + entry.bytes);
    }
    // Some files end without saying that there is no next one.
    if (data.size() == count * entry_size + word) directory.next = decode(&data[count * entry_size], word);
    end_ = std::max(end_, position + head_size + data.size());
    return directory;
}

uint64_t TiffDirectories::number(const Entry& entry, uint64_t index) {
    const size_t size = field_value_size(entry.type);
    if (index >= entry.count || size == 0 || size != field_part_size(entry.type))
        damaged("the TIFF file is damaged: tag " + std::to_string(entry.tag) + " has no value");
    const std::vector<uint8_t> bytes = bytes_at(source_, entry.position + index * size, size);
    if (bytes.size() < size) broken();
    return decode(bytes.data(), size);
}

std::vector<uint64_t> TiffDirectories::numbers(const Entry& entry) {
    const size_t size = field_value_size(entry.type);
    if (size == 0 || size != field_part_size(entry.type)) return {};
    const std::vector<uint8_t> bytes = values(entry);
    std::vector<uint64_t> result;
    for (size_t i = 0; i + size <= bytes.size(); i += size) result.push_back(decode(&bytes[i], size));
    return result;
}

std::vector<uint8_t> TiffDirectories::values(const Entry& entry) {
    taken_ += entry.bytes;
    check_memory(taken_, options_.max_bytes);
    end_ = std::max(end_, std::min(entry.position + entry.bytes, source_.size()));
    return bytes_at(source_, entry.position, entry.bytes);
}

std::vector<uint8_t> TiffDirectories::little_endian(const Entry& entry) {
    std::vector<uint8_t> bytes = values(entry);
    const size_t unit = field_part_size(entry.type);
    if (big_endian_ && unit > 1)
        for (size_t i = 0; i + unit <= bytes.size(); i += unit)
            std::reverse(bytes.begin() + static_cast<ptrdiff_t>(i),
                         bytes.begin() + static_cast<ptrdiff_t>(i + unit));
    return bytes;
}

}  // namespace image_io
