#include "streams.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "app.h"

namespace tool {

namespace {

constexpr size_t kPiece = size_t{1} << 18;
constexpr size_t kPipeInMemory = size_t{1} << 24;

[[noreturn]] void cannot_read(const std::string& path) {
    throw Failure(kFileError, path == "-" ? "cannot read standard input"
                                          : "cannot read '" + path + "': " + std::strerror(errno));
}

image_io::File open_file(const std::string& path) {
    image_io::File file(std::fopen(path.c_str(), "rbe"));
    struct stat status;
    if (!file || fstat(fileno(file.get()), &status) != 0) cannot_read(path);
    if (!S_ISREG(status.st_mode)) throw Failure(kFileError, "'" + path + "' is not a file");
    return file;
}

// The bytes so far, and all that follows on standard input.
image_io::File spool(const std::vector<uint8_t>& bytes) {
    image_io::File file(std::tmpfile());
    if (!file)
        throw Failure(kFileError, std::string("cannot make a temporary file: ") + std::strerror(errno));
    std::vector<uint8_t> piece = bytes;
    for (size_t count = piece.size(); count > 0; count = std::fread(piece.data(), 1, piece.size(), stdin)) {
        if (std::fwrite(piece.data(), 1, count, file.get()) != count)
            throw Failure(kFileError, std::string("cannot write a temporary file: ") + std::strerror(errno));
        piece.resize(kPiece);
    }
    if (std::ferror(stdin)) cannot_read("-");
    if (std::fflush(file.get()) != 0)
        throw Failure(kFileError, std::string("cannot write a temporary file: ") + std::strerror(errno));
    return file;
}

}  // namespace

FileInput::FileInput(const std::string& path) : path_(path) {
    if (path == "-") return;
    file_ = open_file(path);
    struct stat status;
    if (fstat(fileno(file_.get()), &status) == 0 && status.st_size > 0)
        size_ = static_cast<uint64_t>(status.st_size);
}

size_t FileInput::read(void* data, size_t size) {
    std::FILE* file = file_ ? file_.get() : stdin;
    const size_t count = std::fread(data, 1, size, file);
    if (std::ferror(file)) cannot_read(path_);
    return count;
}

PictureSource::PictureSource(const std::string& path) : path_(path) {
    if (path != "-") {
        source_ = std::make_unique<image_io::FileSource>(open_file(path));
        return;
    }
    uint8_t piece[1 << 16];
    for (size_t count;
         bytes_.size() < kPipeInMemory && (count = std::fread(piece, 1, sizeof piece, stdin)) > 0;)
        bytes_.insert(bytes_.end(), piece, piece + count);
    if (std::ferror(stdin)) cannot_read(path);
    if (bytes_.size() < kPipeInMemory) {
        source_ = std::make_unique<image_io::MemorySource>(bytes_);
        return;
    }
    source_ = std::make_unique<image_io::FileSource>(spool(bytes_));
    bytes_ = {};
}

void PictureSource::check() const {
    if (source_->failed()) cannot_read(path_);
}

PictureInput::PictureInput(const std::string& path, uint64_t memory_limit) : source_(path) {
    try {
        reader_ = image_io::open(source_.source(), memory_limit);
    } catch (const image_io::ImageError&) {
        source_.check();
        throw;
    }
}

void PictureInput::read(uint32_t rows, uint8_t* pixels) {
    try {
        reader_->read(rows, pixels);
    } catch (const image_io::ImageError&) {
        source_.check();
        throw;
    }
}

FileOutput::FileOutput(residua::context& context, const std::string& path, bool overwrite) {
    if (path != "-") file_.emplace(context.create_file(path, overwrite));
}

void FileOutput::write(const void* data, size_t size) {
    const auto* bytes = static_cast<const uint8_t*>(data);
    size_ += size;
    if (buffer_.size() + size >= kPiece) {
        put(buffer_.data(), buffer_.size());
        buffer_.clear();
    }
    if (size >= kPiece)
        put(bytes, size);
    else
        buffer_.insert(buffer_.end(), bytes, bytes + size);
}

void FileOutput::commit() {
    put(buffer_.data(), buffer_.size());
    buffer_.clear();
    if (file_)
        file_->commit();
    else if (std::fflush(stdout) != 0)
        throw Failure(kFileError, "cannot write to standard output");
}

void FileOutput::put(const uint8_t* data, size_t size) {
    if (file_)
        file_->append(data, size);
    else if (std::fwrite(data, 1, size, stdout) != size)
        throw Failure(kFileError, "cannot write to standard output");
}

}  // namespace tool
