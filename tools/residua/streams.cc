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
constexpr size_t kPipeInMemory = size_t{1} << 20;

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

void put_aside(const uint8_t* data, size_t size, std::FILE* file) {
    if (std::fwrite(data, 1, size, file) != size || std::fflush(file) != 0)
        throw Failure(kFileError, std::string("cannot write a temporary file: ") + std::strerror(errno));
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

PictureSource::PictureSource(const std::string& path, uint64_t memory_limit) : path_(path) {
    if (path != "-") {
        source_ = std::make_unique<image_io::FileSource>(open_file(path));
        return;
    }
    // Where no temporary file can be made, memory has to do.
    image_io::File file;
    std::vector<uint8_t> piece(kPiece);
    for (size_t count; (count = std::fread(piece.data(), 1, piece.size(), stdin)) > 0;) {
        if (file) {
            put_aside(piece.data(), count, file.get());
            continue;
        }
        bytes_.insert(bytes_.end(), piece.begin(), piece.begin() + static_cast<ptrdiff_t>(count));
        if (bytes_.size() > memory_limit) throw Failure(kMemory, "the input is larger than the memory limit");
        if (bytes_.size() < kPipeInMemory) continue;
        file.reset(std::tmpfile());
        if (!file) continue;
        put_aside(bytes_.data(), bytes_.size(), file.get());
        bytes_ = {};
    }
    if (std::ferror(stdin)) cannot_read(path);
    if (file)
        source_ = std::make_unique<image_io::FileSource>(std::move(file));
    else
        source_ = std::make_unique<image_io::MemorySource>(bytes_);
}

void PictureSource::check() const {
    if (source_->failed()) cannot_read(path_);
}

PictureInput::PictureInput(const std::string& path, const image_io::ReadOptions& options)
    : source_(path, options.max_bytes) {
    try {
        reader_ = image_io::open(source_.source(), options);
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
    if (path == "-") return;
    const SignalsHeld held;  // until it is known what to remove
    file_.emplace(context.create_file(path, overwrite));
    unfinished_.emplace(file_->temporary());
}

void FileOutput::write(const void* data, size_t size) {
    const auto* bytes = static_cast<const uint8_t*>(data);
    size_ += size;
    if (!file_)
        return put(bytes, size);  // has a buffer of its own, and keeps nothing back when the work fails
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
