#include "display/source.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <vector>

#include "display/description.h"

namespace display {

namespace {

// Whether the file has a preview that is smaller work than the picture, and large enough.
bool preview_suffices(const residua_info& info, Size least) {
    if (least.width == 0 || least.height == 0) return false;
    if (std::strcmp(info.codec, "jpeg") == 0)
        return (info.width + 7) / 8 >= least.width && (info.height + 7) / 8 >= least.height;
    // As large as the picture, but soft.
    if (std::strcmp(info.codec, "rc") == 0 || std::strcmp(info.codec, "l3c") == 0)
        return info.width / 2 >= least.width && info.height / 2 >= least.height;
    return false;
}

void add_models_in(residua::context& context, const std::string& folder) {
    std::error_code error;
    for (const std::string& path : models_in(folder, error)) {
        try {
            const residua::buffer bytes = context.read_file(path);
            context.add_model(bytes.data(), bytes.size());
        } catch (const residua::error&) {
        }
    }
}

}  // namespace

std::vector<std::string> models_in(const std::string& folder, std::error_code& error) {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder, error))
        if (entry.path().extension() == ".rsm") found.push_back(entry.path().string());
    std::sort(found.begin(), found.end());
    return found;
}

std::string installed_models_folder() {
    const char* data = std::getenv("XDG_DATA_HOME");
    const char* home = std::getenv("HOME");
    namespace fs = std::filesystem;
    if (data && *data) return (fs::path(data) / "residua" / "models").string();
    if (home && *home) return (fs::path(home) / ".local" / "share" / "residua" / "models").string();
    return "";
}

void add_models_for(residua::context& context, std::span<const uint8_t> file) {
    const residua_info info = context.inspect(file.data(), file.size());
    if (info.model_name || std::strcmp(info.codec, "jpeg") == 0) return;
    const char* variable = std::getenv("RESIDUA_MODELS");
    const std::string folders = variable ? variable : "";
    for (size_t begin = 0; begin < folders.size();) {
        const size_t end = std::min(folders.find(':', begin), folders.size());
        add_models_in(context, folders.substr(begin, end - begin));
        begin = end + 1;
    }
    const std::string installed = installed_models_folder();
    if (!installed.empty()) add_models_in(context, installed);
}

void read(residua::context& context, std::span<const uint8_t> file, Size least, const Begin& begin,
          const Rows& rows) {
    const residua_info info = context.inspect(file.data(), file.size());
    if (preview_suffices(info, least)) {
        residua::image preview;
        const residua_status status = residua_preview(context.get(), file.data(), file.size(), preview.out());
        // A JPEG whose pixels come in a way that has no DC coefficients apart.
        if (status != RESIDUA_UNSUPPORTED) {
            context.check(status);
            begin(description_of(preview.get()));
            rows(0, preview->height, preview->pixels);
            return;
        }
    }
    size_t at = 0;
    context.decode_rows(
        [&](void* data, size_t size) {
            const size_t count = std::min(size, file.size() - at);
            std::memcpy(data, file.data() + at, count);
            at += count;
            return static_cast<int64_t>(count);
        },
        file.size(), [&](const residua_image& image) { begin(description_of(image)); },
        [&](uint32_t y, uint32_t count, const void* pixels) { rows(y, count, pixels); });
}

}  // namespace display
