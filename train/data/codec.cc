#include "data/codec.h"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

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
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(path + ": cannot be opened");
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
    return context.add_model(bytes.data(), bytes.size());
}

void write_whole_file(const std::string& path, const std::vector<uint8_t>& bytes) {
    const std::string temporary = path + ".tmp";
    {
        std::ofstream file(temporary, std::ios::binary);
        file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        file.flush();
        if (!file) throw std::runtime_error(path + ": cannot be written");
    }
    std::filesystem::rename(temporary, path);
}

std::string hash_text(uint64_t hash) {
    char text[20];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(hash));
    return text;
}

}  // namespace residua::train
