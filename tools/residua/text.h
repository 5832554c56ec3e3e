// Text of strangers, such as names of files, where it is to be shown.
#pragma once

#include <string>
#include <string_view>

namespace tool {

// For a terminal: what is neither UTF-8 nor printable becomes \xNN, one for each byte.
std::string printable(std::string_view text);

// As a JSON string, with its quotation marks; what is no UTF-8 becomes U+FFFD.
std::string json_string(std::string_view text);

}  // namespace tool
