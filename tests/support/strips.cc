#include "support/strips.h"

#include "base/bytes.h"
#include "base/checksum.h"

namespace residua::testing {

residua_encode_options strip_options(const char* model, uint32_t strip_height) {
    residua_encode_options options = RESIDUA_INIT(residua_encode_options);
    options.model = model;
    options.effort = 1;
    options.strip_height = strip_height;
    return options;
}

FileBytes encode_rows(residua::context& context, const TestPicture& picture,
                      const residua_encode_options& options, std::vector<size_t>* pieces,
                      const residua_row_source& metadata) {
    residua_row_source source = metadata;
    source.width = picture.width;
    source.height = picture.height;
    source.colour = picture.channels == 1 ? RESIDUA_COLOUR_GREY : RESIDUA_COLOUR_RGB;
    const size_t row_bytes = size_t{picture.width} * picture.channels;
    FileBytes file;
    context.encode_rows(
        source,
        [&](uint32_t y, uint32_t rows, void* pixels) {
            const uint8_t* from = picture.pixels.data() + y * row_bytes;
            std::copy(from, from + rows * row_bytes, static_cast<uint8_t*>(pixels));
        },
        [&](const void* data, size_t size) {
            const auto* bytes = static_cast<const uint8_t*>(data);
            file.insert(file.end(), bytes, bytes + size);
            if (pieces) pieces->push_back(size);
        },
        options);
    return file;
}

void decode_rows(residua::context& context, const FileBytes& file, RowsDecoded& decoded, bool size_known,
                 size_t step) {
    size_t position = 0;
    context.decode_rows(
        [&](void* data, size_t size) {
            const size_t count = std::min({size, step, file.size() - position});
            std::copy_n(file.begin() + static_cast<ptrdiff_t>(position), count, static_cast<uint8_t*>(data));
            position += count;
            return count;
        },
        size_known ? file.size() : 0,
        [&](const residua_image& image) {
            decoded.width = image.width;
            decoded.height = image.height;
            decoded.channels = channels(image);
            decoded.icc = metadata_of(image, "icc");
            decoded.exif = metadata_of(image, "exif");
            decoded.xmp = metadata_of(image, "xmp");
        },
        [&](uint32_t y, uint32_t count, const void* data) {
            const auto* pixels = static_cast<const uint8_t*>(data);
            if (y != decoded.rows) throw std::runtime_error("rows out of order");
            decoded.rows += count;
            decoded.pixels.insert(decoded.pixels.end(), pixels,
                                  pixels + size_t{count} * decoded.width * decoded.channels);
        });
}

StripFile StripFile::parse(const FileBytes& bytes) {
    ByteReader reader(bytes, "file");
    reader.take(container::kVersionBytes);
    StripFile file;
    const auto body = reader.take(reader.varint());
    file.body.assign(body.begin(), body.end());
    reader.u32();
    while (!reader.at_end()) {
        reader.varint();  // its number
        const auto part = reader.take(reader.varint());
        file.parts.emplace_back(part.begin(), part.end());
    }
    return file;
}

FileBytes StripFile::bytes() const {
    ByteWriter writer;
    for (uint8_t byte : container::kMagic) writer.u8(byte);
    writer.u8(version);
    writer.varint(body.size());
    writer.put(body);
    writer.u32(checksum32(writer.bytes));
    for (size_t i = 0; i < parts.size(); ++i) {
        writer.varint(i);
        writer.varint(parts[i].size());
        writer.put(parts[i]);
    }
    return std::move(writer.bytes);
}

}  // namespace residua::testing
