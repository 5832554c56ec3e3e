#include "sandbox/inside.h"

#include <unistd.h>

#include "residua/app.h"
#include "sandbox/request.h"

namespace tool {

namespace {

FilesOutside* all_files = nullptr;

Answer ask(int socket, std::mutex& mutex, const Request& request) {
    const std::lock_guard lock(mutex);
    Answer answer;
    if (!send_request(socket, request) || !receive_answer(socket, answer))
        throw Failure(kInternal, "the process that opens files for this one has gone");
    if (answer.code != kSuccess) throw Failure(static_cast<ExitCode>(answer.code), answer.error);
    return answer;
}

}  // namespace

int FilesOutside::open(const std::string& path) {
    return ask(socket_, mutex_, {Asked::kRead, 0, path}).descriptor;
}

FilesOutside::Output FilesOutside::create(const std::string& path, bool like_input) {
    const Answer answer = ask(socket_, mutex_, {Asked::kCreate, like_input ? 1u : 0u, path});
    return {answer.descriptor, answer.number};
}

void FilesOutside::commit(uint32_t number) { ask(socket_, mutex_, {Asked::kCommit, number, ""}); }

void FilesOutside::discard(uint32_t number) noexcept {
    try {
        ask(socket_, mutex_, {Asked::kDiscard, number, ""});
    } catch (const std::exception&) {
        // Then it is thrown away when this process ends.
    }
}

FilesOutside* files_outside() { return all_files; }
void set_files_outside(FilesOutside* files) { all_files = files; }

}  // namespace tool
