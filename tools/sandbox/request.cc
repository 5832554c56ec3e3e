#include "sandbox/request.h"

#include <sys/socket.h>
#include <sys/uio.h>

#include <cerrno>
#include <climits>
#include <cstring>

// Where there are none of these there is no cage either.
#ifndef MSG_CMSG_CLOEXEC
#define MSG_CMSG_CLOEXEC 0
#endif
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0
#endif

namespace tool {

namespace {

// More than a path, or a message that has two of them.
constexpr size_t kMostText = size_t{4} * PATH_MAX;

struct Head {
    int32_t word = 0;
    uint32_t number = 0;
};

bool send(int socket, Head head, const std::string& text, int descriptor) {
    iovec parts[] = {{&head, sizeof head},
                     {const_cast<char*>(text.data()), std::min(text.size(), kMostText)}};
    msghdr message = {};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof descriptor)] = {};
    if (descriptor >= 0) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
        cmsghdr* rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(sizeof descriptor);
        std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
    }
    ssize_t sent = 0;
    do sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent >= 0;
}

bool receive(int socket, Head& head, std::string& text, int* descriptor) {
    text.resize(kMostText);
    iovec parts[] = {{&head, sizeof head}, {text.data(), text.size()}};
    msghdr message = {};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    if (descriptor) {
        message.msg_control = control;
        message.msg_controllen = sizeof control;
    }
    ssize_t count = 0;
    do count = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    while (count < 0 && errno == EINTR);
    if (count < static_cast<ssize_t>(sizeof head) || (message.msg_flags & MSG_TRUNC)) return false;
    text.resize(static_cast<size_t>(count) - sizeof head);
    if (const cmsghdr* rights = descriptor ? CMSG_FIRSTHDR(&message) : nullptr)
        if (rights->cmsg_type == SCM_RIGHTS) std::memcpy(descriptor, CMSG_DATA(rights), sizeof *descriptor);
    return true;
}

}  // namespace

bool send_request(int socket, const Request& request) {
    return send(socket, {static_cast<int32_t>(request.asked), request.number}, request.path, -1);
}

bool receive_request(int socket, Request& request) {
    Head head;
    if (!receive(socket, head, request.path, nullptr) || head.word < 0 ||
        head.word > static_cast<int32_t>(Asked::kDiscard) || request.path.find('\0') != std::string::npos)
        return false;
    request.asked = static_cast<Asked>(head.word);
    request.number = head.number;
    return true;
}

bool send_answer(int socket, const Answer& answer) {
    return send(socket, {answer.code, answer.number}, answer.error, answer.descriptor);
}

bool receive_answer(int socket, Answer& answer) {
    Head head;
    if (!receive(socket, head, answer.error, &answer.descriptor)) return false;
    answer.code = head.word;
    answer.number = head.number;
    return true;
}

}  // namespace tool
