#include "attributes.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "app.h"

namespace tool {

namespace {

mode_t users_mask = 022;

// What no call below can do any more is not worth an error: file systems without modes or owners.
void ignore(int) {}

class Descriptor {
  public:
    explicit Descriptor(const std::string& path)
        : number_(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC)) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    int number() const { return number_; }

  private:
    int number_;
};

bool same_time(const timespec& a, const timespec& b) {
    return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

// 0 where the folder was made; EEXIST where something of that name was there.
int make_one(const std::string& path, mode_t mode) {
    if (::mkdir(path.c_str(), 0700) != 0) return errno;
    ignore(::chmod(path.c_str(), mode));
    return 0;
}

}  // namespace

void make_files_private() { users_mask = ::umask(077); }

std::optional<Attributes> Attributes::of(int descriptor) {
    struct stat status;
    if (::fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
    return Attributes(status);
}

bool Attributes::same_file(const struct stat& other) const {
    return other.st_dev == status_.st_dev && other.st_ino == status_.st_ino &&
           other.st_size == status_.st_size && same_time(other.st_mtim, status_.st_mtim) &&
           same_time(other.st_ctim, status_.st_ctim);
}

void Attributes::give_to(const std::string& path) const {
    const Descriptor file(path);
    if (file.number() < 0) return;
    mode_t mode = status_.st_mode & 0777;
    // Others than the input's group do not get that group's rights.
    if (::fchown(file.number(), status_.st_uid, status_.st_gid) != 0 &&
        ::fchown(file.number(), static_cast<uid_t>(-1), status_.st_gid) != 0)
        mode &= ~mode_t{070} | (mode & 07) << 3;
    ignore(::fchmod(file.number(), mode));
    give_times_to(path);
}

void Attributes::give_times_to(const std::string& path) const {
    const timespec times[] = {status_.st_atim, status_.st_mtim};
    ignore(::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW));
}

void give_default_mode(const std::string& path) {
    const Descriptor file(path);
    if (file.number() >= 0) ignore(::fchmod(file.number(), 0666 & ~users_mask));
}

void make_folder(const std::string& path, const std::string& like) {
    struct stat status;
    if (::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return;
    const size_t end = path.find_last_not_of('/');
    const size_t above = end == std::string::npos ? end : path.rfind('/', end);
    if (above != std::string::npos && above > 0) make_folder(path.substr(0, above));
    mode_t mode = 0777 & ~users_mask;
    if (!like.empty() && ::stat(like.c_str(), &status) == 0) mode = (status.st_mode & 0777) | 0300;
    const int error = make_one(path, mode);
    if (error == 0) return;
    if (error == EEXIST && ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode)) return;
    throw Failure(kFileError, "cannot make the folder '" + path + "': " + std::strerror(error));
}

}  // namespace tool
