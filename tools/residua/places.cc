#include "places.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <filesystem>

#include "interrupt.h"

namespace tool {

namespace {

namespace fs = std::filesystem;

constexpr int kLinks = 40;

// Follows links at the path's end, to what need not be there.
std::string without_links(std::string path) {
    for (int i = 0; i < kLinks; ++i) {
        char link[PATH_MAX];
        const ssize_t size = ::readlink(path.c_str(), link, sizeof link);
        if (size <= 0) break;
        const std::string next(link, static_cast<size_t>(size));
        if (next[0] == '/')
            path = next;
        else
            path.resize(path.rfind('/') + 1), path += next;
    }
    return path;
}

}  // namespace

std::string small_letters(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

std::string Places::key(const std::string& path) {
    const fs::path end = without_links(path);
    const std::string folder = end.has_parent_path() ? end.parent_path().string() : ".";
    auto [found, is_new] = folders_.try_emplace(folder);
    if (is_new) {
        std::error_code error;
        fs::path whole = fs::weakly_canonical(folder, error);
        if (error) whole = fs::absolute(folder, error).lexically_normal();
        // A folder that is not there yet stays as it was written, "./" and all.
        if (whole.is_relative()) whole = fs::absolute(whole, error).lexically_normal();
        found->second = whole.string();
    }
    const std::string name = end.filename().string();
    if (name == "." || name == ".." || name.empty()) {
        std::error_code error;
        return fs::weakly_canonical(end, error).string();
    }
    return found->second + (found->second.ends_with('/') ? "" : "/") + name;
}

std::string Places::folded(const std::string& key) {
    // The nearest folder above that is there decides for all below: they will be made in it.
    size_t end = key.rfind('/');
    struct stat status;
    while (end > 0 && end != std::string::npos &&
           (::stat(key.substr(0, end).c_str(), &status) != 0 || !S_ISDIR(status.st_mode)))
        end = key.rfind('/', end - 1);
    if (end == std::string::npos) return key;
    const std::string folder = key.substr(0, std::max<size_t>(end, 1));
    return ignores_case(folder) ? key.substr(0, end) + small_letters(key.substr(end)) : key;
}

bool Places::ignores_case(const std::string& folder) {
    auto [found, is_new] = ignoring_.try_emplace(folder, false);
    if (!is_new) return found->second;
    const std::string base = folder + "/.residua-case-" + std::to_string(::getpid());
    const std::string small = base + "a", large = base + "A";
    const SignalsHeld held;
    const int file = ::open(small.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return false;  // then nothing can be written there either
    struct stat one, other;
    found->second = ::fstat(file, &one) == 0 && ::stat(large.c_str(), &other) == 0 &&
                    one.st_ino == other.st_ino && one.st_dev == other.st_dev;
    ::close(file);
    ::unlink(small.c_str());
    return found->second;
}

}  // namespace tool
