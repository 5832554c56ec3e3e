#include "sandbox/system_calls.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace tool {

namespace {

#if defined(__x86_64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
#endif
static_assert(std::endian::native == std::endian::little);  // which half of an argument comes first

constexpr uint32_t kRefuse = SECCOMP_RET_ERRNO | EPERM;

class Program {
  public:
    Program() {
        load(offsetof(seccomp_data, arch));
        skip_unless(kArchitecture, 0, 1);
        add(BPF_JMP | BPF_JA, 1);
        end(SECCOMP_RET_KILL_PROCESS);
        load_number();
#ifdef __x86_64__
        // The same calls by other numbers: x32.
        constexpr uint32_t kX32 = 0x40000000;
        code_.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, kX32, 0, 1));
        end(SECCOMP_RET_KILL_PROCESS);
#endif
    }

    void answer(long number, uint32_t with) {
        skip_unless(static_cast<uint32_t>(number), 0, 1);
        end(with);
    }
    void allow(long number) { answer(number, SECCOMP_RET_ALLOW); }

    // Where the low half of an argument has this value, under a mask.
    void allow_if(long number, uint32_t argument, uint32_t mask, uint32_t value) {
        skip_unless(static_cast<uint32_t>(number), 0, 5);
        load(static_cast<uint32_t>(offsetof(seccomp_data, args) + argument * sizeof(uint64_t)));
        add(BPF_ALU | BPF_AND | BPF_K, mask);
        skip_unless(value, 0, 1);
        end(SECCOMP_RET_ALLOW);
        load_number();
    }

    std::vector<sock_filter> finish() {
        end(kRefuse);
        return std::move(code_);
    }

  private:
    void add(unsigned code, uint32_t k) { code_.push_back(BPF_STMT(static_cast<uint16_t>(code), k)); }
    void load(uint32_t offset) { add(BPF_LD | BPF_W | BPF_ABS, offset); }
    void load_number() { load(offsetof(seccomp_data, nr)); }
    void skip_unless(uint32_t value, uint8_t then, uint8_t otherwise) {
        code_.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, value, then, otherwise));
    }
    void end(uint32_t with) { add(BPF_RET | BPF_K, with); }

    std::vector<sock_filter> code_;
};

}  // namespace

std::vector<sock_filter> allowed_calls() {
    Program program;
    // What is open already. Descriptors come from outside by recvmsg; there is no call here that makes one
    // but by copying.
    for (const long number :
         {SYS_read, SYS_readv, SYS_pread64, SYS_write, SYS_writev, SYS_pwrite64, SYS_lseek, SYS_close,
          SYS_fstat, SYS_fsync, SYS_fdatasync, SYS_fadvise64, SYS_sendmsg, SYS_recvmsg, SYS_ppoll})
        program.allow(number);
    for (const int command : {F_GETFD, F_SETFD, F_GETFL})
        program.allow_if(SYS_fcntl, 1, UINT32_MAX, static_cast<uint32_t>(command));
    program.allow_if(SYS_newfstatat, 3, AT_EMPTY_PATH, AT_EMPTY_PATH);  // how fstat() asks
    program.allow_if(SYS_ioctl, 1, UINT32_MAX, TCGETS);                 // isatty()
    // Memory, of which nothing new becomes code.
    for (const long number : {SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise}) program.allow(number);
    program.allow_if(SYS_mmap, 2, PROT_EXEC, 0);
    program.allow_if(SYS_mprotect, 2, PROT_EXEC, 0);
    // Threads, but no processes.
    program.answer(SYS_clone3,
                   SECCOMP_RET_ERRNO | ENOSYS);  // its flags cannot be looked at: clone comes instead
    program.allow_if(SYS_clone, 0, CLONE_THREAD, CLONE_THREAD);
    for (const long number :
         {SYS_futex, SYS_set_robust_list, SYS_rseq, SYS_sched_yield, SYS_sched_getaffinity, SYS_gettid,
          SYS_getpid, SYS_exit, SYS_exit_group, SYS_membarrier})
        program.allow(number);
    // Signals, of its own.
    for (const long number : {SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_sigaltstack,
                              SYS_restart_syscall, SYS_setitimer})
        program.allow(number);
    program.allow_if(SYS_tgkill, 0, UINT32_MAX, static_cast<uint32_t>(getpid()));
    // Time, chance, and how much of what there is.
    for (const long number : {SYS_clock_gettime, SYS_clock_getres, SYS_clock_nanosleep, SYS_nanosleep,
                              SYS_gettimeofday, SYS_getrandom, SYS_sysinfo, SYS_getrusage, SYS_uname})
        program.allow(number);
    program.allow_if(SYS_prlimit64, 2, UINT32_MAX, 0);  // asking for a limit
#ifdef __x86_64__
    for (const long number : {SYS_poll, SYS_alarm, SYS_time, SYS_pause, SYS_getrlimit}) program.allow(number);
#endif
    return program.finish();
}

}  // namespace tool
