// SIGINT and SIGTERM: the first one ends the work in good order, at the library's next report of progress.
// Where none follows within some seconds, and at the second one, the process ends at once. No unfinished file
// stays behind either way.
#pragma once

#include <string>

namespace tool {

void catch_interrupts();

bool interrupted();

// The output that is being written: an end at once removes what there is of it. One at a time; made after
// the library has created its temporary file.
class UnfinishedFile {
  public:
    explicit UnfinishedFile(const std::string& path);
    ~UnfinishedFile();
    UnfinishedFile(const UnfinishedFile&) = delete;
};

}  // namespace tool
