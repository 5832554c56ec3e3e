#include "replace.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>

#include "picture.h"

namespace tool {

namespace {

bool is_jpeg(App& app, const std::string& path) {
    PictureSource file(path, app.memory_limit());
    return image_io::begins_as_jpeg(file.source());
}

template <typename Original>
const Attributes& attributes_of(const Job& job, const Original& picture) {
    if (!picture.attributes() || job.input == "-")
        throw Failure(kUsage, "--replace takes files, and this is a pipe");
    return *picture.attributes();
}

// So that what is read comes from the disk, as far as the system takes that advice.
void forget_cached(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    ::posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
    ::close(file);
}

// One name's entries stay in their order; the order of names is no part of a picture.
std::vector<image_io::Metadata> sorted(std::vector<image_io::Metadata> metadata) {
    std::ranges::stable_sort(metadata, {}, &image_io::Metadata::name);
    return metadata;
}

std::string folder_of(const std::string& path) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    return folder.empty() ? "." : folder.string();
}

[[noreturn]] void differs(const char* what) {
    throw Failure(kDamaged, std::string("the file that was written differs from the original in its ") +
                                what + "; the original is kept");
}

}  // namespace

Replacement::Replacement(App& app, const Job& job, const PictureSource& original)
    : app_(app), job_(job), original_(attributes_of(job, original)), bytes_(true) {
    check_places();
}

void Replacement::check_places() const {
    struct stat status;
    if (job_.output == "-" || (::stat(job_.output.c_str(), &status) == 0 && !S_ISREG(status.st_mode)))
        throw Failure(kUsage, "--replace writes to files, and '" + job_.output + "' is none");
    if (job_.linked)
        throw Failure(kUsage,
                      "this is a symbolic link, which --replace does not follow; name the file itself");
}

Replacement::Replacement(App& app, const Job& job, const PictureInput& original)
    : app_(app), job_(job), original_(attributes_of(job, original)), bytes_(false) {
    check_places();
    if (is_jpeg(app, job.input))
        throw Failure(
            kUnsupported,
            "a JPEG file cannot be made again from its pixels, which are what is kept; the original "
            "stays. Encode it without --jpeg pixels and options for pixels, or without --replace");
    std::string lost;
    for (const std::string& item : original.description().lost) lost += (lost.empty() ? "" : ", ") + item;
    if (!lost.empty())
        throw Failure(kUnsupported, "the original stays, since this would not be kept: " + lost);
}

void Replacement::prove_bytes(const std::string& coded) const {
    const Input file = app_.read(coded), original = app_.read(job_.input);
    const residua::buffer again = app_.context().jpeg_decode(file.data(), file.size());
    if (!std::equal(again.begin(), again.end(), original.data(), original.data() + original.size()))
        differs("bytes");
}

void Replacement::prove(const std::string& coded) const {
    forget_cached(coded);
    if (bytes_) return prove_bytes(coded);
    PictureInput picture(PictureSource(job_.input, app_.memory_limit()),
                         {app_.memory_limit(), 0, interrupted});
    const image_io::Description& original = picture.description();
    FileInput file(coded);
    std::vector<uint8_t> rows;
    app_.context().decode_rows([&](void* data, size_t size) { return file.read(data, size); }, file.size(),
                               [&](const residua_image& image) {
                                   const image_io::Description decoded = description_of(image);
                                   if (decoded.width != original.width || decoded.height != original.height ||
                                       decoded.colour != original.colour || decoded.alpha != original.alpha ||
                                       decoded.bits != original.bits)
                                       differs("size or kind");
                                   if (sorted(decoded.metadata) != sorted(original.metadata))
                                       differs("metadata");
                               },
                               [&](uint32_t, uint32_t count, const void* pixels) {
                                   rows.resize(count * original.row_bytes());
                                   picture.read(count, rows.data());
                                   if (std::memcmp(rows.data(), pixels, rows.size()) != 0) differs("pixels");
                               });
}

void Replacement::remove_original() const {
    sync_to_disk(job_.output);
    sync_to_disk(folder_of(job_.output));
    struct stat now, output;
    if (::lstat(job_.input.c_str(), &now) != 0 || !original_.same_file(now))
        throw Failure(kFileError, "the original has changed meanwhile, and is kept");
    if (::stat(job_.output.c_str(), &output) != 0 || !S_ISREG(output.st_mode) ||
        (output.st_dev == now.st_dev && output.st_ino == now.st_ino))
        throw Failure(kFileError, "the output is not where it was written; the original is kept");
    if (::unlink(job_.input.c_str()) != 0)
        throw Failure(kFileError, std::string("cannot remove the original: ") + std::strerror(errno));
    sync_to_disk(folder_of(job_.input));
}

}  // namespace tool
