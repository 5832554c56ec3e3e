// A cage for a process that reads bytes of strangers: what it may still ask the kernel for is memory, time,
// threads of its own, and reading and writing what it has open already. docs/safety.md.
#pragma once

namespace tool {

// What this kernel, for this build, lets a process give up.
struct CageKind {
    bool calls =
        false;  // all system calls that are not on a list (seccomp): opening, sockets, other programs
    bool files = false;  // besides, every file by name (Landlock), should the list have a hole
};
CageKind cage_kind();

// Gives it up, for good: for this thread and all that it starts. To be called before there are others.
// Descriptors but standard input, output and error and `kept` are closed. Returns whether all that
// cage_kind() promises holds.
bool enter_cage(int kept);

// The second of both alone, for tests. PR_SET_NO_NEW_PRIVS must be set.
bool give_up_files();

}  // namespace tool
