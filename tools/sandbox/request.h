// What a caged process asks the one that started it, and what it gets: one packet each.
#pragma once

#include <cstdint>
#include <string>

namespace tool {

enum class Asked : uint8_t {
    kRead,     // of `path`: a descriptor
    kCreate,   // of `path`: a descriptor to write to, and its number. Asked with the number 1: with mode,
               // owner and times of its input
    kCommit,   // of a number: the file gets its name
    kDiscard,  // of a number: it is thrown away
};

struct Request {
    Asked asked = Asked::kRead;
    uint32_t number = 0;
    std::string path;
};

struct Answer {
    int code = 0;  // an exit code; 0: done
    uint32_t number = 0;
    std::string error;
    int descriptor = -1;  // the receiver's
};

// Both return false where the other side is gone, or does not say what can be understood.
bool send_request(int socket, const Request& request);
bool receive_request(int socket, Request& request);
bool send_answer(int socket, const Answer& answer);
bool receive_answer(int socket, Answer& answer);

}  // namespace tool
