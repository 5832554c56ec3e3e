#include "base/file_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

namespace residua {

namespace {

constexpr int kNameAttempts = 1000;
constexpr size_t kChunk = size_t{1} << 30;  // some systems write no more at once

[[noreturn]] void fail(const std::string& action, const std::string& path) {
    throw Error(ErrorCode::kIo, "cannot " + action + " '" + path + "': " + std::strerror(errno));
}

class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int number() const { return number_; }

  private:
    int number_;
};

bool write_all(int descriptor, std::span<const uint8_t> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor, bytes.data(), std::min(bytes.size(), kChunk));
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return false;
        bytes = bytes.subspan(static_cast<size_t>(written));
    }
    return true;
}

// A new file beside `path`; its name goes to `name`.
int create_temporary(const std::string& path, std::string& name) {
    for (int i = 0; i < kNameAttempts; ++i) {
        name = path + ".part" + std::to_string(::getpid()) + "-" + std::to_string(i);
        const int descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (descriptor >= 0 || errno != EEXIST) return descriptor;
    }
    return -1;
}

// Gives `temporary` the name `path`, which must not exist.
bool name_new(const std::string& temporary, const std::string& path) {
    if (::link(temporary.c_str(), path.c_str()) == 0) return ::unlink(temporary.c_str()) == 0;
    if (errno == EEXIST) return false;
    // A file system without hard links: the check and the renaming are then two steps.
    struct stat status;
    if (::lstat(path.c_str(), &status) == 0) {
        errno = EEXIST;
        return false;
    }
    return ::rename(temporary.c_str(), path.c_str()) == 0;
}

}  // namespace

Buffer<uint8_t> read_file(const std::string& path, Allocator& allocator) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    struct stat status;
    if (file.number() < 0 || ::fstat(file.number(), &status) != 0) fail("read", path);
    if (!S_ISREG(status.st_mode)) throw Error(ErrorCode::kIo, "'" + path + "' is not a file");
    Buffer<uint8_t> bytes(allocator, static_cast<uint64_t>(status.st_size));
    for (size_t done = 0; done < bytes.size();) {
        const ssize_t count =
            ::read(file.number(), bytes.data() + done, std::min(bytes.size() - done, kChunk));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) fail("read", path);
        if (count == 0) throw Error(ErrorCode::kIo, "'" + path + "' became shorter while it was read");
        done += static_cast<size_t>(count);
    }
    return bytes;
}

void check_writable(const std::string& path, bool overwrite) {
    struct stat status;
    if (overwrite || ::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return;
    throw Error(ErrorCode::kIo, "'" + path + "' exists already and is not overwritten");
}

FileWriter::FileWriter(const std::string& path, bool overwrite) : path_(path), overwrite_(overwrite) {
    check_writable(path, overwrite);
    struct stat status;
    const bool direct = ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
    descriptor_ = direct ? ::open(path.c_str(), O_WRONLY | O_CLOEXEC) : create_temporary(path, temporary_);
    if (descriptor_ >= 0) return;
    temporary_.clear();
    fail("write", path);
}

FileWriter::~FileWriter() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void FileWriter::append(std::span<const uint8_t> bytes) {
    if (!write_all(descriptor_, bytes)) fail("write", path_);
}

void FileWriter::commit() {
    if (!temporary_.empty() && ::fsync(descriptor_) != 0) fail("write", path_);
    const int descriptor = std::exchange(descriptor_, -1);
    if (::close(descriptor) != 0) fail("write", path_);
    if (temporary_.empty()) return;
    if (!(overwrite_ ? ::rename(temporary_.c_str(), path_.c_str()) == 0 : name_new(temporary_, path_)))
        fail("write", path_);
    temporary_.clear();
}

void write_file(const std::string& path, std::span<const uint8_t> bytes, bool overwrite) {
    FileWriter file(path, overwrite);
    file.append(bytes);
    file.commit();
}

}  // namespace residua
