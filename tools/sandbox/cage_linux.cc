#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

#include "sandbox/cage.h"
#include "sandbox/system_calls.h"

namespace tool {

namespace {

// The kernel's interface of Landlock; Debian 12's headers have only the beginning of it. All architectures
// have these numbers.
constexpr long kCreateRuleset = 444, kRestrictSelf = 446;
constexpr uint32_t kAskForVersion = 1;
struct Ruleset {
    uint64_t files, ports, reach;
};
constexpr int kRightsOfFiles[] = {13, 14, 15, 15, 16};  // in versions 1, 2, …
constexpr uint64_t kBindAndConnect = 3;                 // TCP, from version 4 on
constexpr uint64_t kAbstractSocketsAndSignals = 3;      // of processes outside, from version 6 on

int landlock_version() {
    return static_cast<int>(::syscall(kCreateRuleset, nullptr, size_t{0}, kAskForVersion));
}

bool give_up_calls() {
    std::vector<sock_filter> filter = allowed_calls();
    const sock_fprog program = {static_cast<uint16_t>(filter.size()), filter.data()};
    // Threads that were there all the same are caged, too, or none is.
    return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &program) == 0;
}

void close_all_but(int kept) {
#ifdef SYS_close_range
    constexpr unsigned kFirst = 3;
    const auto own = static_cast<unsigned>(kept);
    if (own > kFirst) ::syscall(SYS_close_range, kFirst, own - 1, 0U);
    ::syscall(SYS_close_range, own < kFirst ? kFirst : own + 1, ~0U, 0U);
#else
    (void)kept;
#endif
}

}  // namespace

// No right to any file by its name, and none is given back by a rule.
bool give_up_files() {
    const int version = landlock_version();
    if (version < 1) return false;
    constexpr int kKnown = sizeof kRightsOfFiles / sizeof kRightsOfFiles[0];
    Ruleset rules = {(uint64_t{1} << kRightsOfFiles[(version < kKnown ? version : kKnown) - 1]) - 1, 0, 0};
    size_t size = sizeof rules.files;
    if (version >= 4) {
        rules.ports = kBindAndConnect;
        size += sizeof rules.ports;
    }
    if (version >= 6) {
        rules.reach = kAbstractSocketsAndSignals;
        size += sizeof rules.reach;
    }
    const auto descriptor = static_cast<int>(::syscall(kCreateRuleset, &rules, size, uint32_t{0}));
    if (descriptor < 0) return false;
    const bool done = ::syscall(kRestrictSelf, descriptor, uint32_t{0}) == 0;
    ::close(descriptor);
    return done;
}

CageKind cage_kind() {
    uint32_t action = SECCOMP_RET_KILL_PROCESS;
    return {::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0U, &action) == 0, landlock_version() >= 1};
}

bool enter_cage(int kept) {
    const CageKind kind = cage_kind();
    close_all_but(kept);
    // Without which neither is allowed to an ordinary user: no program that is started can have more rights.
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
    const bool files = give_up_files();
    return give_up_calls() && files == kind.files;
}

}  // namespace tool
