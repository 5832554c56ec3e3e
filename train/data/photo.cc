#include "data/photo.h"

#include <vips/vips.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>
#include <stdexcept>

namespace residua::train {

namespace {

struct Unref {
    void operator()(VipsImage* image) const { g_object_unref(image); }
};
using ImagePointer = std::unique_ptr<VipsImage, Unref>;

[[noreturn]] void fail(const std::string& path) {
    const std::string why = vips_error_buffer();
    vips_error_clear();
    throw std::runtime_error(path + ": " + (why.empty() ? "cannot be read" : why.substr(0, why.find('\n'))));
}

void start_vips() {
    static std::once_flag once;
    std::call_once(once, [] {
        if (VIPS_INIT("residua-train")) throw std::runtime_error("libvips does not start");
        vips_concurrency_set(1);  // the caller runs one photograph per thread
        vips_cache_set_max(0);
    });
}

}  // namespace

std::vector<std::string> list_photos(const std::string& folder) {
    std::vector<std::string> paths;
    if (!std::filesystem::is_directory(folder)) throw std::runtime_error(folder + " is not a folder");
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        std::string extension = entry.path().extension().string();
        std::transform(extension.begin(), extension.end(), extension.begin(), ::tolower);
        for (const char* known : {".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".ppm"})
            if (entry.is_regular_file() && extension == known) paths.push_back(entry.path().string());
    }
    if (paths.empty()) throw std::runtime_error(folder + " holds no JPEG, PNG, TIFF, WebP or PPM picture");
    std::sort(paths.begin(), paths.end());
    return paths;
}

std::pair<int, int> photo_size(const std::string& path) {
    start_vips();
    const ImagePointer image(vips_image_new_from_file(path.c_str(), nullptr));
    if (!image) fail(path);
    return {vips_image_get_width(image.get()), vips_image_get_height(image.get())};
}

Photo load_photo(const std::string& path, double factor) {
    start_vips();
    ImagePointer image(vips_image_new_from_file(path.c_str(), nullptr));
    if (!image) fail(path);
    auto apply = [&](auto&& operation) {
        VipsImage* out = nullptr;
        if (operation(image.get(), &out)) fail(path);
        image.reset(out);
    };
    if (vips_image_hasalpha(image.get())) throw std::runtime_error(path + ": has an alpha channel");
    apply([](VipsImage* in, VipsImage** out) {
        return vips_colourspace(in, out, VIPS_INTERPRETATION_sRGB, nullptr);
    });
    if (factor < 1)
        apply([&](VipsImage* in, VipsImage** out) {
            return vips_resize(in, out, factor, "kernel", VIPS_KERNEL_LANCZOS3, nullptr);
        });
    apply([](VipsImage* in, VipsImage** out) { return vips_cast_uchar(in, out, nullptr); });
    if (vips_image_get_bands(image.get()) != 3) throw std::runtime_error(path + ": is not an RGB picture");

    size_t size = 0;
    std::unique_ptr<void, decltype(&g_free)> memory(vips_image_write_to_memory(image.get(), &size), g_free);
    if (!memory) fail(path);
    Photo photo;
    photo.width = vips_image_get_width(image.get());
    photo.height = vips_image_get_height(image.get());
    const auto* bytes = static_cast<const uint8_t*>(memory.get());
    photo.rgb.assign(bytes, bytes + size);
    return photo;
}

}  // namespace residua::train
