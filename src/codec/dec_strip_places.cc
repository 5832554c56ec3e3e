#include "codec/dec_strip_places.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "base/bytes.h"
#include "stages/methods.h"

namespace residua::codec {

namespace {

constexpr size_t kMostOfNumber = 5;  // bytes

// A varint in its shortest form that fills these bytes.
std::optional<uint64_t> number_in(std::span<const uint8_t> bytes) {
    try {
        ByteReader reader(bytes, "number");
        const uint64_t number = reader.varint();
        if (reader.at_end()) return number;
    } catch (const Error&) {
        // It is none.
    }
    return std::nullopt;
}

std::vector<uint8_t> written(uint64_t number) {
    std::vector<uint8_t> bytes;
    for (; number >= 0x80; number >>= 7) bytes.push_back(static_cast<uint8_t>(number | 0x80));
    bytes.push_back(static_cast<uint8_t>(number));
    return bytes;
}

// A file of version 1 whose head is whole, and what may stand before it.
struct Found {
    // Of the strip's number: where its bytes begin, and what they say.
    struct Number {
        size_t begin;
        int value;
    };
    size_t begin, end;  // of the file; the end as its head has it, which may lie beyond all bytes
    container::Header header;
    std::vector<Number> numbers;  // all that it can be taken for
    std::optional<Number> number;
};

std::vector<Found::Number> numbers_before(std::span<const uint8_t> bytes, size_t begin, uint64_t size) {
    std::vector<Found::Number> numbers;
    const std::vector<uint8_t> sized = written(size);
    if (begin < sized.size() ||
        std::memcmp(bytes.data() + begin - sized.size(), sized.data(), sized.size()) != 0)
        return numbers;
    const size_t end = begin - sized.size();
    for (size_t count = 1; count <= std::min(kMostOfNumber, end); ++count)
        if (const auto number = number_in(bytes.subspan(end - count, count)); number && *number < INT_MAX)
            numbers.push_back({end - count, static_cast<int>(*number)});
    return numbers;
}

std::vector<Found> find_files(std::span<const uint8_t> bytes) {
    std::vector<Found> files;
    std::vector<uint8_t> begins(container::kMagic.begin(), container::kMagic.end());
    begins.push_back(container::kVersion);
    for (auto at = bytes.begin();;) {
        at = std::search(at, bytes.end(), begins.begin(), begins.end());
        if (at == bytes.end()) return files;
        const auto begin = static_cast<size_t>(at++ - bytes.begin());
        try {
            const container::WholeHead file = container::parse_head(bytes.subspan(begin), file_methods());
            const uint64_t end = file.size > SIZE_MAX - begin ? SIZE_MAX : begin + file.size;
            files.push_back({begin, static_cast<size_t>(end), file.header,
                             numbers_before(bytes, begin, file.size), std::nullopt});
        } catch (const Error&) {
            // Nothing begins here, or its head is damaged.
        }
    }
}

// Where the next one's part begins, as far as that is known: where this one ends, if it may.
size_t end_before(const Found& file, const Found& next) {
    for (const Found::Number& number : next.numbers)
        if (number.begin == file.end) return file.end;
    return next.number ? next.number->begin : next.numbers.empty() ? next.begin : next.numbers.front().begin;
}

void take_number(Found& file, size_t begin, int value) {
    for (const Found::Number& number : file.numbers)
        if (number.begin == begin && number.value == value) file.number = number;
}

// By pairs that touch each other.
void number_neighbours(std::vector<Found>& files) {
    for (size_t i = 0; i + 1 < files.size(); ++i)
        for (const Found::Number& second : files[i + 1].numbers)
            for (const Found::Number& first : files[i].numbers)
                if (second.begin == files[i].end && second.value == first.value + 1 &&
                    (!files[i].number || files[i].number->value == first.value)) {
                    files[i].number = first;
                    files[i + 1].number = second;
                }
}

std::optional<container::StripHead> head_of_strips(std::span<const uint8_t> bytes, size_t& end) {
    if (container::version_of(bytes) != container::FileVersion::kStrips) return std::nullopt;
    try {
        MemoryInput input(bytes);
        input.take(container::kVersionBytes);
        const container::StripReader reader(input, file_methods());
        end = static_cast<size_t>(reader.size());
        return reader.head();
    } catch (const Error&) {
        return std::nullopt;
    }
}

// What the strips say themselves, where the head cannot.
void guess_size(const std::vector<Found>& files, StripPlaces& places) {
    for (size_t i = 0; i + 1 < files.size(); ++i)  // one that another one follows is no last one
        if (files[i].number && files[i + 1].number) places.strip_height = files[i].header.height;
    if (places.strip_height == 0) return;
    for (const Found& file : files) {
        if (!file.number) continue;
        places.width = file.header.width;
        places.picture = file.header.picture;
        const int64_t end = int64_t{file.number->value} * places.strip_height + file.header.height;
        if (end <= container::kMaxSide) places.height = std::max(places.height, static_cast<int>(end));
    }
}

}  // namespace

StripPlaces find_strips(std::span<const uint8_t> bytes) {
    std::vector<Found> files = find_files(bytes);
    StripPlaces places;
    size_t head_end = 0;
    places.head = head_of_strips(bytes, head_end);
    if (!places.head && container::version_of(bytes) == container::FileVersion::kWhole && !files.empty() &&
        files[0].begin == 0) {
        const container::Header& header = files[0].header;
        places.width = header.width;
        places.height = places.strip_height = header.height;
        places.picture = header.picture;
        places.height_known = true;
        places.strips.push_back({bytes, header, 0});
        return places;
    }
    number_neighbours(files);
    if (places.head) {
        const container::StripHead& head = *places.head;
        places.width = head.width;
        places.height = head.height;
        places.strip_height = head.strip_height;
        places.picture = head.picture;
        places.height_known = true;
        if (!files.empty()) take_number(files.front(), head_end, 0);
        for (Found& file : files)
            if (file.end == bytes.size())
                for (const Found::Number& number : file.numbers)
                    if (number.value == head.count() - 1) file.number = number;
    } else {
        guess_size(files, places);
    }
    if (places.height == 0)
        throw Error(ErrorCode::kCorrupt,
                    "nothing can be saved: neither the file's head nor those of its strips are whole");
    std::set<int> taken;
    for (size_t i = 0; i < files.size(); ++i) {
        const Found& file = files[i];
        if (!file.number || file.header.width != places.width || file.header.picture != places.picture)
            continue;
        const int64_t first = int64_t{file.number->value} * places.strip_height;
        const int64_t rows = std::min<int64_t>(places.strip_height, places.height - first);
        if (rows != file.header.height || !taken.insert(file.number->value).second) continue;
        const size_t end = i + 1 < files.size() ? end_before(file, files[i + 1]) : bytes.size();
        places.strips.push_back({bytes.subspan(file.begin, std::max(end, file.begin) - file.begin),
                                 file.header, file.number->value});
    }
    return places;
}

}  // namespace residua::codec
