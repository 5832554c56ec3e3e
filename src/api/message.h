// The text of an error, kept where storing it cannot fail.
#pragma once

#include <cstddef>
#include <initializer_list>

namespace residua::api {

class Message {
  public:
    static constexpr size_t kBytes = 1024;  // the terminating zero included

    const char* c_str() const noexcept { return text_; }
    void clear() noexcept { text_[0] = '\0'; }

    // What does not fit is cut off, at a whole character of UTF-8.
    void set(const char* beginning, const char* rest = "") noexcept {
        size_t size = 0;
        for (const char* part : {beginning, rest})
            for (; *part; ++part) {
                if (size + 1 == kBytes) return cut(size, *part);
                text_[size++] = *part;
            }
        text_[size] = '\0';
    }

  private:
    static bool continues(char c) noexcept { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }
    void cut(size_t size, char next) noexcept {
        while (size > 0 && continues(next)) next = text_[--size];
        text_[size] = '\0';
    }

    char text_[kBytes] = "";
};

}  // namespace residua::api
