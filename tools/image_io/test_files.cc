#include "image_io/test_files.h"

#include <zlib.h>

#include <algorithm>
#include <cstring>

namespace image_io {

Bytes joined(std::initializer_list<std::span<const uint8_t>> parts) {
    Bytes all;
    for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

Bytes little_endian(uint64_t value, int size) {
    Bytes bytes;
    for (int i = 0; i < size; ++i, value >>= 8) bytes.push_back(static_cast<uint8_t>(value));
    return bytes;
}

Bytes big_endian(uint64_t value, int size) {
    Bytes bytes = little_endian(value, size);
    std::ranges::reverse(bytes);
    return bytes;
}

Bytes noise(size_t samples, uint32_t bits, uint32_t seed) {
    Bytes bytes;
    for (size_t i = 0; i < samples; ++i) {
        seed = seed * 1664525 + 1013904223;
        const auto value = static_cast<uint16_t>(seed >> (32 - bits));
        if (bits > 8) {
            bytes.resize(bytes.size() + 2);
            std::memcpy(&bytes[bytes.size() - 2], &value, 2);
        } else {
            bytes.push_back(static_cast<uint8_t>(value));
        }
    }
    return bytes;
}

Image read_all(std::span<const uint8_t> file, const ReadOptions& options) {
    const Image whole = read(file, options);
    for (const uint32_t step : {1U, 3U}) {
        MemorySource source(file);
        const auto reader = open(source, options);
        Bytes pixels(reader->description().pixel_bytes());
        for (uint32_t y = 0; y < whole.height; y += step)
            reader->read(std::min(step, whole.height - y), pixels.data() + y * whole.row_bytes());
        EXPECT_EQ(pixels, whole.pixels) << "by " << step;
        EXPECT_EQ(reader->description().metadata, whole.metadata);
    }
    return whole;
}

Refusal refusal_of(std::span<const uint8_t> file, const ReadOptions& options) {
    try {
        read(file, options);
    } catch (const ImageError& error) {
        return {error.failure(), error.what()};
    }
    ADD_FAILURE() << "was read";
    return {Failure::kMemory, ""};
}

std::vector<Entry> metadata_of(const Image& image) {
    std::vector<Entry> entries;
    for (const Metadata& entry : image.metadata) entries.emplace_back(entry.name, text_of(entry.bytes));
    return entries;
}

Bytes png_chunk(const std::string& type, std::span<const uint8_t> data) {
    const Bytes checked = joined({bytes_of(type), data});
    const uLong checksum = crc32_z(crc32_z(0, nullptr, 0), checked.data(), checked.size());
    return joined({big_endian(data.size(), 4), checked, big_endian(checksum, 4)});
}

Bytes make_png(const PngKind& kind, std::span<const uint8_t> rows, std::span<const uint8_t> before,
               std::span<const uint8_t> after) {
    const uint32_t channels = kind.type == 2 ? 3 : kind.type == 6 ? 4 : kind.type == 4 ? 2 : 1;
    const size_t pixel_bits = size_t{channels} * kind.bits;
    const size_t row_bytes = (kind.width * pixel_bits + 7) / 8;
    Bytes raw;
    const auto add_pass = [&](uint32_t x0, uint32_t y0, uint32_t dx, uint32_t dy) {
        if (x0 >= kind.width) return;
        for (uint32_t y = y0; y < kind.height; y += dy) {
            raw.push_back(0);  // no filter
            size_t bits = 0;
            for (uint32_t x = x0; x < kind.width; x += dx)
                for (size_t b = 0; b < pixel_bits; ++b, ++bits) {
                    const size_t at = x * pixel_bits + b;
                    if (bits % 8 == 0) raw.push_back(0);
                    raw.back() |= static_cast<uint8_t>((rows[y * row_bytes + at / 8] >> (7 - at % 8) & 1)
                                                       << (7 - bits % 8));
                }
        }
    };
    if (kind.interlaced) {
        constexpr uint32_t kPasses[7][4] = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
                                            {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2}};
        for (const auto& pass : kPasses) add_pass(pass[0], pass[1], pass[2], pass[3]);
    } else {
        add_pass(0, 0, 1, 1);
    }
    Bytes packed(compressBound(raw.size()));
    uLongf size = packed.size();
    compress(packed.data(), &size, raw.data(), raw.size());
    packed.resize(size);
    const Bytes header = joined({big_endian(kind.width, 4), big_endian(kind.height, 4),
                                 Bytes{kind.bits, kind.type, 0, 0, static_cast<uint8_t>(kind.interlaced)}});
    return joined(
        {bytes_of("\x89PNG\r\n\x1a\n"), png_chunk("IHDR", header), before, png_chunk("IDAT", packed), after});
}

TiffField tiff_text(uint16_t tag, const std::string& text) {
    TiffField field{tag, 2, {}};
    for (const char c : text) field.values.push_back(static_cast<uint8_t>(c));
    field.values.push_back(0);
    return field;
}

TiffMaker::TiffMaker(bool big_endian, bool large) : big_endian_(big_endian), large_(large) {
    const uint8_t mark = big_endian ? 'M' : 'I';
    file_ = {mark, mark};
    put(2, large ? 43 : 42, 2);
    if (large) put(4, 8, 2), put(6, 0, 2);
    file_.resize(large ? 16 : 8);
}

Bytes TiffMaker::number(uint64_t value, int size) const {
    return big_endian_ ? image_io::big_endian(value, size) : image_io::little_endian(value, size);
}

void TiffMaker::put(size_t at, uint64_t value, int size) {
    const Bytes bytes = number(value, size);
    file_.resize(std::max(file_.size(), at + bytes.size()));
    std::ranges::copy(bytes, file_.begin() + static_cast<ptrdiff_t>(at));
}

uint64_t TiffMaker::add(std::span<const uint8_t> data) {
    file_.resize((file_.size() + 1) / 2 * 2);
    const uint64_t at = file_.size();
    file_.insert(file_.end(), data.begin(), data.end());
    return at;
}

uint64_t TiffMaker::add_directory(std::vector<TiffField> fields, uint64_t next) {
    constexpr int kSizes[] = {0, 1, 1, 2, 4, 4, 1, 1, 2, 4, 4, 4, 8, 4, 0, 0, 8};
    const int word = large_ ? 8 : 4;
    std::ranges::sort(fields, {}, &TiffField::tag);
    std::vector<Bytes> values;
    std::vector<uint64_t> places;
    for (const TiffField& field : fields) {
        Bytes bytes;
        for (const uint64_t value : field.values) {
            const Bytes part = number(value, kSizes[field.type]);
            bytes.insert(bytes.end(), part.begin(), part.end());
        }
        places.push_back(bytes.size() > static_cast<size_t>(word) ? add(bytes) : 0);
        values.push_back(bytes);
    }
    size_t at = add({});
    const size_t begin = at;
    const auto append = [&](uint64_t value, int size) {
        put(at, value, size);
        at += static_cast<size_t>(size);
    };
    append(fields.size(), large_ ? 8 : 2);
    for (size_t i = 0; i < fields.size(); ++i) {
        append(fields[i].tag, 2);
        append(fields[i].type, 2);
        // A fraction is two numbers.
        const bool fraction = fields[i].type == 5 || fields[i].type == 10;
        append(fields[i].values.size() / (fraction ? 2 : 1), word);
        if (places[i] != 0) {
            append(places[i], word);
            continue;
        }
        values[i].resize(static_cast<size_t>(word));
        for (const uint8_t byte : values[i]) append(byte, 1);
    }
    append(next, word);
    return begin;
}

Bytes TiffMaker::finish(uint64_t first_directory) {
    put(large_ ? 8 : 4, first_directory, large_ ? 8 : 4);
    return file_;
}

std::vector<TiffField> tiff_picture(uint32_t width, uint32_t height, uint32_t bits, uint32_t samples,
                                    uint32_t photometric, uint64_t strip, uint64_t strip_bytes) {
    return {{256, 4, {width}},   {257, 4, {height}},      {258, 3, std::vector<uint64_t>(samples, bits)},
            {259, 3, {1}},       {262, 3, {photometric}}, {273, 4, {strip}},
            {277, 3, {samples}}, {278, 4, {height}},      {279, 4, {strip_bytes}}};
}

}  // namespace image_io
