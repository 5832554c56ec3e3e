#include "streams.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <mutex>
#include <set>
#include <utility>

#include "app.h"

namespace tool {

namespace {

constexpr size_t kPiece = size_t{1} << 18;
constexpr size_t kPipeInMemory = size_t{1} << 20;

using FileId = std::pair<dev_t, ino_t>;

// The outputs of this run that are complete.
std::mutex committed_mutex;
std::set<FileId> committed;

[[noreturn]] void cannot_read(const std::string& path) {
    throw Failure(kFileError, path == "-" ? "cannot read standard input"
                                          : "cannot read '" + path + "': " + std::strerror(errno));
}

image_io::File open_file(const std::string& path, struct stat& status) {
    const int descriptor = open_to_read(path);
    image_io::File file(::fdopen(descriptor, "rb"));
    if (!file) ::close(descriptor);
    if (!file || fstat(descriptor, &status) != 0) cannot_read(path);
    if (S_ISDIR(status.st_mode)) throw Failure(kFileError, "'" + path + "' is a folder");
    return file;
}

void write_all(int descriptor, std::span<const uint8_t> bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) throw Failure(kFileError, "cannot write '" + path + "': " + std::strerror(errno));
        bytes = bytes.subspan(static_cast<size_t>(written));
    }
}

void put_aside(const uint8_t* data, size_t size, std::FILE* file) {
    if (std::fwrite(data, 1, size, file) != size || std::fflush(file) != 0)
        throw Failure(kFileError, std::string("cannot write a temporary file: ") + std::strerror(errno));
}

}  // namespace

int open_to_read(const std::string& path) {
    if (FilesOutside* outside = files_outside()) return outside->open(path);
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) cannot_read(path);
    return descriptor;
}

struct stat input_status(const std::string& path) {
    struct stat status;
    const int descriptor = open_to_read(path);
    const bool known = fstat(descriptor, &status) == 0;
    ::close(descriptor);
    if (!known) cannot_read(path);
    return status;
}

FileInput::FileInput(const std::string& path) : path_(path) {
    if (path == "-") return;
    struct stat status;
    file_ = open_file(path, status);
    attributes_ = Attributes::of(fileno(file_.get()));
    if (S_ISREG(status.st_mode) && status.st_size > 0) size_ = static_cast<uint64_t>(status.st_size);
}

size_t FileInput::read(void* data, size_t size) {
    std::FILE* file = file_ ? file_.get() : stdin;
    const size_t count = std::fread(data, 1, size, file);
    if (std::ferror(file)) cannot_read(path_);
    return count;
}

Input::Input(residua::context& context, const std::string& path, uint64_t limit) {
    struct stat status;
    if (path != "-" && !files_outside() && ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode)) {
        file_ = context.read_file(path);
        return;
    }
    FileInput input(path);
    if (input.size() > limit) throw Failure(kMemory, "the input is larger than the memory limit");
    pipe_.reserve(static_cast<size_t>(input.size()));
    std::vector<uint8_t> piece(kPiece);
    for (size_t count; (count = input.read(piece.data(), piece.size())) > 0;) {
        if (pipe_.size() + count > limit) throw Failure(kMemory, "the input is larger than the memory limit");
        pipe_.insert(pipe_.end(), piece.begin(), piece.begin() + static_cast<ptrdiff_t>(count));
    }
}

PictureSource::PictureSource(const std::string& path, uint64_t memory_limit) : path_(path) {
    if (path == "-") {
        take_in(stdin, memory_limit);
        return;
    }
    struct stat status;
    image_io::File file = open_file(path, status);
    attributes_ = Attributes::of(fileno(file.get()));
    if (S_ISREG(status.st_mode))
        source_ = std::make_unique<image_io::FileSource>(std::move(file));
    else
        take_in(file.get(), memory_limit);
}

PictureSource::PictureSource(const std::string& path, std::span<const uint8_t> bytes)
    : path_(path), source_(std::make_unique<image_io::MemorySource>(bytes)) {}

// Where no temporary file can be made, memory has to do.
void PictureSource::take_in(std::FILE* pipe, uint64_t memory_limit) {
    image_io::File file;
    std::vector<uint8_t> piece(kPiece);
    for (size_t count; (count = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;) {
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
    if (std::ferror(pipe)) cannot_read(path_);
    if (file)
        source_ = std::make_unique<image_io::FileSource>(std::move(file));
    else
        source_ = std::make_unique<image_io::MemorySource>(bytes_);
}

void PictureSource::check() const {
    if (source_->failed()) cannot_read(path_);
}

PictureInput::PictureInput(PictureSource source, const image_io::ReadOptions& options)
    : source_(std::move(source)) {
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

FileOutput::FileOutput(residua::context& context, const std::string& path, bool overwrite,
                       const std::optional<Attributes>& like)
    : path_(path), overwrite_(overwrite), like_(like) {
    if (path == "-") return;
    if (FilesOutside* outside = files_outside()) {
        outside_ = outside->create(path, like.has_value());
        return;
    }
    struct stat old;
    is_new_ = ::stat(path.c_str(), &old) != 0;
    const FileBeingMade making;
    file_.emplace(context.create_file(path, overwrite));
    unfinished_.emplace(file_->temporary());
}

FileOutput::~FileOutput() {
    if (!outside_) return;
    ::close(outside_->descriptor);
    files_outside()->discard(outside_->number);
}

void FileOutput::write(const void* data, size_t size) {
    const auto* bytes = static_cast<const uint8_t*>(data);
    size_ += size;
    if (path_ == "-")
        return put(bytes, size);  // has a buffer of its own, and keeps nothing back when the work fails
    if (buffer_.size() + size >= kPiece) put_buffer();
    if (size >= kPiece)
        put(bytes, size);
    else
        buffer_.insert(buffer_.end(), bytes, bytes + size);
}

bool FileOutput::can_rewrite() const {
    struct stat status;
    if (outside_) return ::fstat(outside_->descriptor, &status) == 0 && S_ISREG(status.st_mode);
    return *temporary() != '\0';
}

void FileOutput::rewrite_beginning(std::span<const uint8_t> bytes) {
    put_buffer();
    const int descriptor = outside_ ? outside_->descriptor : ::open(temporary(), O_WRONLY | O_CLOEXEC);
    bool written = descriptor >= 0;
    for (size_t done = 0; written && done < bytes.size();) {
        const ssize_t count =
            ::pwrite(descriptor, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
        if (count < 0 && errno == EINTR) continue;
        written = count > 0;
        done += static_cast<size_t>(std::max<ssize_t>(count, 0));
    }
    const int error = errno;
    if (!outside_ && descriptor >= 0) ::close(descriptor);
    if (!written) throw Failure(kFileError, "cannot write '" + path_ + "': " + std::strerror(error));
}

void FileOutput::put_buffer() {
    put(buffer_.data(), buffer_.size());
    buffer_.clear();
}

void FileOutput::sync() {
    put_buffer();
    if (*temporary()) sync_to_disk(temporary());
}

void FileOutput::commit() {
    put_buffer();
    if (outside_) {
        files_outside()->commit(outside_->number);
        ::close(outside_->descriptor);
        outside_.reset();
        return;
    }
    if (!file_) {
        if (std::fflush(stdout) != 0) throw Failure(kFileError, "cannot write to standard output");
        return;
    }
    const std::string made = file_->temporary();
    if (made.empty()) return file_->commit();
    if (is_new_ && like_)
        like_->give_to(made);
    else if (is_new_)
        give_default_mode(made);
    else if (like_)
        like_->give_times_to(made);
    struct stat status;
    if (::stat(made.c_str(), &status) != 0) throw Failure(kFileError, "'" + made + "' has gone");
    const FileId id(status.st_dev, status.st_ino);
    if (!overwrite_) {
        file_->commit();
        const std::lock_guard lock(committed_mutex);
        committed.insert(id);
        return;
    }
    sync_to_disk(made);  // what takes long, before others have to wait
    const std::lock_guard lock(committed_mutex);
    if (::stat(path_.c_str(), &status) == 0 && committed.count({status.st_dev, status.st_ino}) > 0)
        throw Failure(kFileError, "'" + path_ + "' was written by this run already, for another input");
    file_->commit();
    committed.insert(id);
}

void FileOutput::put(const uint8_t* data, size_t size) {
    if (size == 0) return;
    if (outside_)
        write_all(outside_->descriptor, {data, size}, path_);
    else if (file_)
        file_->append(data, size);
    else if (std::fwrite(data, 1, size, stdout) != size)
        throw Failure(kFileError, "cannot write to standard output");
}

void sync_to_disk(const std::string& path) {
    int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0 && errno == EACCES) descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor >= 0) {
        const int failed = ::fsync(descriptor);
        const int error = errno;
        ::close(descriptor);
        // Not every file system can do that with folders.
        if (failed == 0 || error == EINVAL || error == ENOTSUP) return;
        errno = error;
    }
    throw Failure(kFileError, "cannot bring '" + path + "' to disk: " + std::strerror(errno));
}

}  // namespace tool
