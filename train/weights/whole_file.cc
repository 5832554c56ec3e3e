#include "weights/whole_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace residua::train {

std::vector<uint8_t> read_whole_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) throw std::runtime_error(path + ": cannot be opened");
    return {std::istreambuf_iterator<char>(file), {}};
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

}  // namespace residua::train
