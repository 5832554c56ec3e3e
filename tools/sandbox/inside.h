// The files of a caged process, which another one opens for it: only those that the command line means.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>

namespace tool {

// On any thread. Throws Failure as opening them would.
class FilesOutside {
  public:
    // `socket`: to a process that serves it (outside.h).
    explicit FilesOutside(int socket) : socket_(socket) {}

    struct Output {
        int descriptor = -1;  // the caller's to close
        uint32_t number = 0;
    };
    int open(const std::string& path);
    // `like_input`: with mode, owner and times of the file that it is made of.
    Output create(const std::string& path, bool like_input);
    void commit(uint32_t number);
    void discard(uint32_t number) noexcept;

  private:
    const int socket_;
    std::mutex mutex_;
};

// Null where this process opens its files itself.
FilesOutside* files_outside();
void set_files_outside(FilesOutside* files);

}  // namespace tool
