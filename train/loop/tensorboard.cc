#include "loop/tensorboard.h"

#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <stdexcept>

namespace residua::train {

namespace {

// CRC-32C (Castagnoli), reflected, as TFRecord wants it.
uint32_t crc32c(const std::string& bytes) {
    static const auto table = [] {
        std::array<uint32_t, 256> entries{};
        for (uint32_t i = 0; i < 256; ++i) {
            uint32_t crc = i;
            for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) ? 0x82f63b78u : 0);
            entries[i] = crc;
        }
        return entries;
    }();
    uint32_t crc = 0xffffffffu;
    for (char c : bytes) crc = table[(crc ^ static_cast<uint8_t>(c)) & 0xff] ^ (crc >> 8);
    return crc ^ 0xffffffffu;
}

uint32_t masked_crc(const std::string& bytes) {
    const uint32_t crc = crc32c(bytes);
    return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

template <typename T>
std::string raw_bytes(T value) {
    std::string bytes(sizeof value, '\0');
    std::memcpy(bytes.data(), &value, sizeof value);
    return bytes;
}

std::string varint(uint64_t value) {
    std::string bytes;
    for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
    bytes.push_back(static_cast<char>(value));
    return bytes;
}

// Protobuf fields: key = number << 3 | wire type (0 varint, 1 fixed64, 2 bytes, 5 fixed32).
std::string field_double(int number, double value) { return varint(number << 3 | 1) + raw_bytes(value); }
std::string field_float(int number, float value) { return varint(number << 3 | 5) + raw_bytes(value); }
std::string field_varint(int number, uint64_t value) { return varint(number << 3) + varint(value); }
std::string field_bytes(int number, const std::string& value) {
    return varint(number << 3 | 2) + varint(value.size()) + value;
}

double wall_time() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

}  // namespace

TensorBoardWriter::TensorBoardWriter(const std::string& directory) {
    std::filesystem::create_directories(directory);
    const auto stamp = static_cast<long long>(wall_time() * 1000);
    const std::string path = directory + "/events.out.tfevents." + std::to_string(stamp / 1000) + "." +
                             std::to_string(stamp % 1000) + ".residua";
    file_.open(path, std::ios::binary);
    if (!file_) throw std::runtime_error(path + ": cannot be written");
    record(field_double(1, wall_time()) + field_bytes(3, "brain.Event:2"));  // Event.file_version
}

void TensorBoardWriter::scalars(int64_t step, const std::map<std::string, double>& values) {
    std::string summary;
    for (const auto& [tag, value] : values)
        summary += field_bytes(1, field_bytes(1, tag) + field_float(2, static_cast<float>(value)));
    record(field_double(1, wall_time()) + field_varint(2, static_cast<uint64_t>(step)) +
           field_bytes(5, summary));
}

void TensorBoardWriter::record(const std::string& event) {
    const std::string length = raw_bytes(static_cast<uint64_t>(event.size()));
    file_ << length << raw_bytes(masked_crc(length)) << event << raw_bytes(masked_crc(event));
    file_.flush();
}

}  // namespace residua::train
