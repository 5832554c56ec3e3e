// Lines of JSON for programs.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "text.h"

namespace tool {

// An object or array that grows by members.
class Json {
  public:
    explicit Json(char open) : text_(1, open), close_(open == '{' ? '}' : ']') {}

    Json& add(const std::string& value) {
        if (text_.size() > 1) text_ += ',';
        text_ += value;
        return *this;
    }
    Json& add(const char* key, const std::string& value) { return add(json_string(key) + ":" + value); }
    Json& add(const char* key, uint64_t value) { return add(key, std::to_string(value)); }
    Json& add(const char* key, bool value) { return add(key, std::string(value ? "true" : "false")); }
    Json& add(const char* key, double value) {
        char number[64];
        std::snprintf(number, sizeof number, "%.6f", value);
        return add(key, std::string(number));
    }
    // Null: of what there is not.
    Json& add(const char* key, const char* value) {
        return add(key, value ? json_string(value) : std::string("null"));
    }
    std::string text() const { return text_ + close_; }

  private:
    std::string text_;
    char close_;
};

}  // namespace tool
