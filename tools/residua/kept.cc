#include "kept.h"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "interrupt.h"
#include "picture.h"

namespace tool {

namespace {

bool is_jpeg_name(const std::string& path) {
    std::string extension = std::filesystem::path(path).extension().string();
    for (char& c : extension)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return extension == ".jpg" || extension == ".jpeg" || extension == ".jpe" || extension == ".jfif" ||
           extension == ".mpo";
}

constexpr size_t kFirstBytes = 64;

}  // namespace

Peeked::Peeked(FileInput& file) : file_(file), bytes_(kFirstBytes) {
    size_t count = 0;
    for (size_t got;
         count < kFirstBytes && (got = file.read(bytes_.data() + count, kFirstBytes - count)) > 0;)
        count += got;
    bytes_.resize(count);
}

bool Peeked::keeps_jpeg() const { return residua_jpeg_is_kept(bytes_.data(), bytes_.size()) != 0; }

size_t Peeked::read(void* data, size_t size) {
    if (given_ == bytes_.size()) return file_.read(data, size);
    const size_t count = std::min(size, bytes_.size() - given_);
    std::memcpy(data, bytes_.data() + given_, count);
    given_ += count;
    return count;
}

std::vector<uint8_t> Peeked::all(uint64_t limit) {
    std::vector<uint8_t> bytes, piece(1 << 18);
    for (size_t count; (count = read(piece.data(), piece.size())) > 0;) {
        if (bytes.size() + count > limit)
            throw Failure(kMemory, "the input is larger than the memory limit; raise it with --memory-limit");
        bytes.insert(bytes.end(), piece.begin(), piece.begin() + static_cast<ptrdiff_t>(count));
    }
    return bytes;
}

bool keeps_jpegs(const Options& options) {
    return !options.jpeg_pixels && options.codec.empty() && options.model.empty() && options.q == 0 &&
           options.bit_depth == 0 && options.tau.empty() && options.adaptation.empty() &&
           options.strip_height == 0 && options.page == 0 && !options.strip_metadata;
}

std::vector<uint8_t> all_bytes(PictureSource& source, uint64_t limit) {
    if (source.source().size() > limit)
        throw Failure(kMemory, "the file is larger than the memory limit; raise it with --memory-limit");
    std::vector<uint8_t> bytes(static_cast<size_t>(source.source().size()));
    source.source().seek(0);
    if (source.source().read(bytes.data(), bytes.size()) != bytes.size()) {
        source.check();
        throw Failure(kFileError, "the file has become shorter while it was read");
    }
    return bytes;
}

bool wants_jpeg(const Options& options, const std::string& output) {
    if (options.region || options.scale > 0) return false;
    if (!options.format.empty()) return options.format == "jpg" || options.format == "jpeg";
    return options.output.empty() || output == "-" || is_jpeg_name(output);
}

PictureInput picture_of(App& app, const std::string& name, const residua::buffer& jpeg) {
    return {PictureSource(name, {jpeg.data(), jpeg.size()}), {app.memory_limit(), 1, interrupted}};
}

image_io::Description described(App& app, const std::string& name, const uint8_t* data, size_t size) {
    if (!residua_jpeg_is_kept(data, size)) return description_of(app.context().decode_head(data, size).get());
    const residua::buffer jpeg = app.context().jpeg_decode(data, size);
    try {
        return picture_of(app, name, jpeg).description();
    } catch (const image_io::ImageError&) {
        return {};  // kept all the same
    }
}

}  // namespace tool
