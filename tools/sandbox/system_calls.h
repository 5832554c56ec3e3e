// The system calls of a caged process, as a program for seccomp.
#pragma once

#include <linux/filter.h>

#include <vector>

namespace tool {

// For the process that calls it. What is not on the list fails with EPERM; a call by another instruction
// set's numbers ends the process.
std::vector<sock_filter> allowed_calls();

}  // namespace tool
