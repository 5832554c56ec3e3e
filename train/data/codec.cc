#include "data/codec.h"

#include <cstdio>

#include "weights/whole_file.h"

namespace residua::train {

residua_image rgb_image(const uint8_t* pixels, int width, int height) {
    residua_image image = RESIDUA_INIT(residua_image);
    image.pixels = const_cast<uint8_t*>(pixels);
    image.width = static_cast<uint32_t>(width);
    image.height = static_cast<uint32_t>(height);
    image.colour = RESIDUA_COLOUR_RGB;
    return image;
}

residua_model_info add_model_file(residua::context& context, const std::string& path) {
    const std::vector<uint8_t> bytes = read_whole_file(path);
    return context.add_model(bytes.data(), bytes.size());
}

void write_model_file(const std::string& path, const std::vector<uint8_t>& bytes, const std::string& remark) {
    residua::context context;
    const residua_model_info info = context.add_model(bytes.data(), bytes.size());
    write_whole_file(path, bytes);
    std::printf("%s: %zu bytes, model %s; %s\n", path.c_str(), bytes.size(), hash_text(info.hash).c_str(),
                remark.c_str());
}

std::string hash_text(uint64_t hash) {
    char text[20];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
    return text;
}

}  // namespace residua::train
