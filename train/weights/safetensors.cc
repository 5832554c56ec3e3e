#include "weights/safetensors.h"

#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "weights/whole_file.h"

namespace residua::train {

namespace {

using Json = nlohmann::json;

[[noreturn]] void fail(const std::string& path, const std::string& why) {
    throw std::runtime_error(path + ": " + why);
}

}  // namespace

void save_safetensors(const std::string& path, const Checkpoint& checkpoint) {
    Json header = Json::object();
    header["__metadata__"] = checkpoint.metadata;
    uint64_t offset = 0;
    for (const auto& [name, array] : checkpoint.tensors) {
        const uint64_t bytes = array.values.size() * sizeof(float);
        header[name] = {{"dtype", "F32"}, {"shape", array.shape}, {"data_offsets", {offset, offset + bytes}}};
        offset += bytes;
    }
    std::string text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');  // the data stays aligned
    const uint64_t length = text.size();

    const std::string temporary = path + ".tmp";
    {
        std::ofstream file(temporary, std::ios::binary);
        file.write(reinterpret_cast<const char*>(&length), sizeof length);
        file.write(text.data(), static_cast<std::streamsize>(text.size()));
        for (const auto& [name, array] : checkpoint.tensors)
            file.write(reinterpret_cast<const char*>(array.values.data()),
                       static_cast<std::streamsize>(array.values.size() * sizeof(float)));
        file.flush();
        if (!file) fail(path, "cannot be written; is the disk full?");
    }
    std::filesystem::rename(temporary, path);
}

Checkpoint load_safetensors(const std::string& path) {
    const std::vector<uint8_t> bytes = read_whole_file(path);
    uint64_t length = 0;
    if (bytes.size() < sizeof length) fail(path, "is not a safetensors file");
    std::memcpy(&length, bytes.data(), sizeof length);
    if (length > bytes.size() - sizeof length) fail(path, "is not a safetensors file, or is cut short");
    const size_t data_start = sizeof length + length;
    const size_t data_size = bytes.size() - data_start;

    Checkpoint checkpoint;
    try {
        const Json header = Json::parse(bytes.data() + sizeof length, bytes.data() + data_start);
        for (const auto& [name, entry] : header.items()) {
            if (name == "__metadata__") {
                checkpoint.metadata = entry.get<std::map<std::string, std::string>>();
                continue;
            }
            const std::string type = entry.at("dtype");
            const size_t width = type == "F32" ? 4 : type == "BF16" ? 2 : 0;
            if (width == 0) fail(path, name + " has type " + type + "; F32 and BF16 are read");
            FloatArray array;
            array.shape = entry.at("shape").get<std::vector<int64_t>>();
            const auto begin = entry.at("data_offsets").at(0).get<uint64_t>();
            const auto end = entry.at("data_offsets").at(1).get<uint64_t>();
            uint64_t count = 1;
            for (int64_t size : array.shape) {
                if (size < 0 || (size > 0 && count > data_size / static_cast<uint64_t>(size)))
                    fail(path, name + " has an impossible shape");
                count *= static_cast<uint64_t>(size);
            }
            if (end > data_size || begin > end || end - begin != count * width)
                fail(path, name + " lies outside the file");
            array.values.resize(count);
            const uint8_t* source = bytes.data() + data_start + begin;
            for (uint64_t i = 0; i < count; ++i) {
                uint32_t bits = 0;
                std::memcpy(reinterpret_cast<char*>(&bits) + (4 - width), source + i * width, width);
                std::memcpy(&array.values[i], &bits, sizeof bits);
            }
            checkpoint.tensors[name] = std::move(array);
        }
    } catch (const Json::exception& error) {
        fail(path, std::string("has a damaged header: ") + error.what());
    }
    return checkpoint;
}

}  // namespace residua::train
