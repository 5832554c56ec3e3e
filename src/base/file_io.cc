#include "base/file_io.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstring>
#include <utility>

namespace residua {

namespace {

constexpr int kNameAttempts = 1000;
constexpr size_t kDigits = 3;               // of the attempt's number, at most
constexpr int kLinks = 40;                  // as the systems follow
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

// Where `path` leads to: the file itself, which need not be there.
std::string without_links(const std::string& path) {
    std::string end = path;
    for (int i = 0; i < kLinks; ++i) {
        char link[PATH_MAX];
        const ssize_t size = ::readlink(end.c_str(), link, sizeof link);
        if (size <= 0) return end;
        const std::string next(link, static_cast<size_t>(size));
        if (next[0] == '/')
            end = next;
        else
            end.resize(end.rfind('/') + 1), end += next;
    }
    errno = ELOOP;
    fail("write", path);
}

// A new file beside `path`; its name goes to `name`.
int create_temporary(const std::string& path, mode_t mode, std::string& name) {
    const size_t folder = path.rfind('/') + 1;
    size_t stem = path.size();
    for (int i = 0; i < kNameAttempts; ++i) {
        const std::string suffix = ".part" + std::to_string(::getpid()) + "-" + std::to_string(i);
        name = path.substr(0, stem) + suffix;
        const int descriptor = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        // A name may be as long as the file system allows, which is less on some: no longer than the name
        // itself.
        if (descriptor < 0 && errno == ENAMETOOLONG && stem == path.size()) {
            const size_t room = suffix.size() + kDigits;  // for more attempts
            stem = path.size() - folder > room ? path.size() - room : folder;
            while (stem > folder && (static_cast<unsigned char>(path[stem]) & 0xc0) == 0x80)
                --stem;  // of UTF-8
            continue;
        }
        if (descriptor >= 0 || errno != EEXIST) return descriptor;
    }
    return -1;
}

// Gives a new file the owner and the mode of the one that it will replace, as far as that is allowed. Whom
// the group's rights were not given by the old file does not get them by the new one.
void take_over(int descriptor, const struct stat& old) {
    mode_t mode = old.st_mode & 0777;
    if (::fchown(descriptor, old.st_uid, old.st_gid) != 0 &&
        ::fchown(descriptor, static_cast<uid_t>(-1), old.st_gid) != 0)
        mode &= ~mode_t{070} | (mode & 07) << 3;
    if (::fchmod(descriptor, mode) != 0) {
        // A file system without modes.
    }
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

FileWriter::FileWriter(const std::string& path, bool overwrite)
    : path_(path), target_(without_links(path)), overwrite_(overwrite) {
    check_writable(path, overwrite);
    struct stat old;
    const bool exists = ::stat(path.c_str(), &old) == 0;
    if (exists && !S_ISREG(old.st_mode))
        descriptor_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    else
        descriptor_ = create_temporary(target_, exists ? old.st_mode & 0700 : 0666, temporary_);
    if (descriptor_ < 0) {
        temporary_.clear();
        fail("write", path);
    }
    if (exists && !temporary_.empty()) take_over(descriptor_, old);
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
    if (!(overwrite_ ? ::rename(temporary_.c_str(), target_.c_str()) == 0 : name_new(temporary_, target_)))
        fail("write", path_);
    temporary_.clear();
}

void write_file(const std::string& path, std::span<const uint8_t> bytes, bool overwrite) {
    FileWriter file(path, overwrite);
    file.append(bytes);
    file.commit();
}

}  // namespace residua
