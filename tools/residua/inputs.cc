#include "inputs.h"

#include <residua/residua.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string_view>

#include "image_io/source.h"

namespace tool {

namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

constexpr std::string_view kCodedMagic = "\x89RSD";

// Also of pictures that are not read: they are not to be passed over in silence.
constexpr std::string_view kPictureExtensions[] = {
    ".png",  ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".tif", ".tiff", ".webp", ".ppm",  ".pgm",
    ".pbm",  ".pnm",  ".pam", ".pfm",  ".bmp", ".dib",  ".gif", ".qoi", ".ico",  ".cur",  ".heic", ".heif",
    ".avif", ".jxl",  ".jp2", ".j2k",  ".jpx", ".psd",  ".psb", ".exr", ".hdr",  ".dng",  ".nef",  ".cr2",
    ".cr3",  ".crw",  ".arw", ".raf",  ".orf", ".rw2",  ".x3f", ".pcx", ".dcm"};

std::string first_bytes(const std::string& path) {
    std::array<char, 64> bytes;
    const image_io::File file(std::fopen(path.c_str(), "rbe"));
    return file ? std::string(bytes.data(), std::fread(bytes.data(), 1, bytes.size(), file.get())) : "";
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// By its first bytes.
bool begins_as_picture(const std::string& bytes) {
    for (const std::string_view magic : {"\x89PNG\r\n\x1a\n"sv, "\xff\xd8\xff"sv, "II*\0"sv, "MM\0*"sv,
                                         "II+\0"sv, "MM\0+"sv, "GIF87a"sv, "GIF89a"sv, "qoif"sv})
        if (bytes.starts_with(magic)) return true;
    if (bytes.starts_with("RIFF"sv) && bytes.size() >= 12 && std::string_view(bytes).substr(8, 4) == "WEBP"sv)
        return true;
    if (bytes.size() >= 3 && bytes[0] == 'P' && "1234567fF"sv.find(bytes[1]) != std::string_view::npos)
        return is_space(bytes[2]) || bytes[2] == '#';
    // BMP: two letters would be too little; the size of its second header follows.
    return bytes.size() >= 18 && bytes.starts_with("BM"sv) && bytes[15] == 0 && bytes[16] == 0 &&
           bytes[17] == 0 && "\x0c\x28\x34\x38\x40\x6c\x7c"sv.find(bytes[14]) != std::string_view::npos;
}

bool has_extension(const fs::path& path, const std::string_view* begin, const std::string_view* end) {
    std::string extension = path.extension().string();
    for (char& c : extension)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return std::find(begin, end, extension) != end;
}

std::string joined(const std::string& folder, const std::string& name) {
    std::string path = folder;
    if (!path.empty() && !path.ends_with('/')) path += '/';
    return path += name;
}

// What is left of an output when its writer was killed: NAME.part123-0.
bool is_unfinished(const std::string& name) {
    const size_t part = name.rfind(".part");
    if (part == std::string::npos) return false;
    const std::string rest = name.substr(part + 5);
    const size_t dash = rest.find('-');
    const auto digits = [](const std::string& text) {
        return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    };
    return dash != std::string::npos && digits(rest.substr(0, dash)) && digits(rest.substr(dash + 1));
}

class Finder {
  public:
    Finder(InputKind kind, bool recursive, bool no_links)
        : kind_(kind), recursive_(recursive), no_links_(no_links) {}

    void add(const std::string& named) {
        Job job;
        job.input = named;
        struct stat status;
        // Standard input may be a file, too.
        const int failed = named == "-" ? ::fstat(0, &status) : ::stat(named.c_str(), &status);
        if (failed != 0) {
            if (named != "-") job.fail(kFileError, "cannot read '" + named + "': " + std::strerror(errno));
        } else if (named != "-" && S_ISDIR(status.st_mode)) {
            if (recursive_) return walk(named, named, "");
            job.fail(kFileError, "this is a folder; -r takes the " +
                                     std::string(kind_ == InputKind::kPictures ? "pictures" : ".rsd files") +
                                     " in it");
        } else {
            describe(job, status);
        }
        inputs.jobs.push_back(std::move(job));
    }

    Inputs inputs;

  private:
    static void describe(Job& job, const struct stat& status) {
        job.regular = S_ISREG(status.st_mode);
        struct stat own;
        job.linked = job.input != "-" && ::lstat(job.input.c_str(), &own) == 0 && S_ISLNK(own.st_mode);
        if (!job.regular) return;
        job.bytes = static_cast<uint64_t>(status.st_size);
        job.id = {status.st_dev, status.st_ino};
        if (job.input == "-") job.regular = false;  // it cannot be read again
    }

    bool is_wanted(const std::string& path) const {
        constexpr std::string_view kCoded = ".rsd";
        if (kind_ == InputKind::kCoded) return has_extension(path, &kCoded, &kCoded + 1);
        const std::string bytes = first_bytes(path);
        if (bytes.starts_with(kCodedMagic)) return false;
        return begins_as_picture(bytes) ||
               has_extension(path, std::begin(kPictureExtensions), std::end(kPictureExtensions));
    }

    void walk(const std::string& root, const std::string& folder, const std::string& place) {
        std::vector<std::string> names;
        std::error_code error;
        for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
            names.push_back(entry->path().filename().string());
        if (error) {
            Job job;
            job.input = folder;
            job.fail(kFileError, "cannot read the folder '" + folder + "': " + error.message());
            inputs.jobs.push_back(std::move(job));
        }
        std::ranges::sort(names);
        for (const std::string& name : names) {
            const std::string path = joined(folder, name), below = joined(place, name);
            struct stat own, status;
            const bool link = ::lstat(path.c_str(), &own) == 0 && S_ISLNK(own.st_mode);
            if (::stat(path.c_str(), &status) != 0 || name[0] == '.' || is_unfinished(name) ||
                (link && (no_links_ || S_ISDIR(status.st_mode)))) {
                inputs.left_out.push_back(path);
            } else if (S_ISDIR(status.st_mode)) {
                walk(root, path, below);
            } else if (S_ISREG(status.st_mode) && is_wanted(path)) {
                Job job;
                job.input = path;
                job.root = root;
                job.place = below;
                describe(job, status);
                inputs.jobs.push_back(std::move(job));
            } else {
                inputs.left_out.push_back(path);
            }
        }
    }

    const InputKind kind_;
    const bool recursive_, no_links_;
};

}  // namespace

bool is_coded_file(const std::string& path) { return first_bytes(path).starts_with(kCodedMagic); }

bool keeps_jpeg(const std::string& path) {
    const std::string bytes = first_bytes(path);
    return residua_jpeg_is_kept(bytes.data(), bytes.size()) != 0;
}

Inputs find_inputs(const std::vector<std::string>& named, InputKind kind, bool recursive, bool no_links) {
    Finder finder(kind, recursive, no_links);
    for (const std::string& name : named) finder.add(name);
    return std::move(finder.inputs);
}

}  // namespace tool
