// What the fuzz targets share: a context with small models, and what counts as a finding. All calls of the
// library that more than one target makes are here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <residua/residua.hpp>
#include <string>
#include <vector>

namespace residua::fuzz {

constexpr uint64_t kMemoryLimit = uint64_t{192} << 20;
constexpr double kSeconds = 3;  // of one action; a header may ask for a picture that takes hours

// One thread, kMemoryLimit, and a progress function that cancels what takes longer than kSeconds.
residua_settings make_settings();
// With them, and with the frozen models of tests/golden, one of each method; none is built in.
context make_context();

// Runs an action that may fail, as it does with damaged input. Ends the program, which libFuzzer reports,
// where the library names a defect of its own, or an error without a sentence.
void may_fail(const std::function<void()>& action);

// Ends the program with a message.
[[noreturn]] void finding(const std::string& what);

// A picture of the caller's pixels, rows without gaps.
residua_image picture_of(const std::vector<uint8_t>& pixels, uint32_t width, uint32_t height,
                         uint32_t channels);

// As a decoder gives it, all bytes touched, so that AddressSanitizer and MemorySanitizer see them.
void look_at(const residua_image& picture);

std::vector<uint8_t> read_bytes(const std::string& path);
std::vector<std::string> golden_files(const std::string& extension);  // paths

}  // namespace residua::fuzz
