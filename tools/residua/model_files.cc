#include "model_files.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "app.h"
#include "display/source.h"
#include "image_io/source.h"

namespace tool {

namespace {

std::vector<uint8_t> bytes_of(const std::string& path) {
    const image_io::File file(std::fopen(path.c_str(), "rbe"));
    std::vector<uint8_t> bytes, piece(size_t{1} << 18);
    for (size_t count; file && (count = std::fread(piece.data(), 1, piece.size(), file.get())) > 0;)
        bytes.insert(bytes.end(), piece.begin(), piece.begin() + static_cast<ptrdiff_t>(count));
    if (!file || std::ferror(file.get()))
        throw Failure(kFileError, "cannot read '" + path + "': " + std::strerror(errno));
    return bytes;
}

std::vector<ModelFile> read_all(const Options& options) {
    std::vector<std::string> paths = options.model_files;
    // RESIDUA_MODELS: folders, separated by ':', whose .rsm files are added.
    const char* variable = std::getenv("RESIDUA_MODELS");
    const std::string folders = variable ? variable : "";
    for (size_t begin = 0; begin < folders.size();) {
        const size_t end = std::min(folders.find(':', begin), folders.size());
        const std::string folder = folders.substr(begin, end - begin);
        begin = end + 1;
        std::error_code error;
        const std::vector<std::string> found = display::models_in(folder, error);
        if (error) throw Failure(kFileError, "cannot read the folder '" + folder + "' (from RESIDUA_MODELS)");
        paths.insert(paths.end(), found.begin(), found.end());
    }
    std::vector<ModelFile> files;
    files.reserve(paths.size());
    for (const std::string& path : paths) files.push_back({path, bytes_of(path), false, ""});
    if (!std::getenv("XDG_DATA_HOME") && !std::getenv("HOME")) return files;
    std::error_code error;
    for (const std::string& path : display::models_in(installed_models_folder(), error)) {
        try {
            files.push_back({path, bytes_of(path), true, ""});
        } catch (const Failure& failure) {
            files.push_back({path, {}, true, failure.what()});
        }
    }
    return files;
}

}  // namespace

const std::vector<ModelFile>& model_files(const Options& options) {
    static const std::vector<ModelFile> files = read_all(options);
    return files;
}

}  // namespace tool
