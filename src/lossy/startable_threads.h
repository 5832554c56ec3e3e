// How many threads the system lets this process start.
#pragma once

#include <mutex>

namespace residua::lossy {

// 0 … wanted. The HEVC libraries wait for ever for a thread that they could not start (a limit of the user's
// processes, or no memory for its stack), so that this is found out before they are asked: by starting so
// many at once and ending them again. Threads that the system still counts a second after their end are not
// among them. Hold thread_start_mutex().
int startable_threads(int wanted);

// From startable_threads() until the library has started what was found, so that no other call takes these
// places meanwhile. What else the process and its user start nobody knows.
std::mutex& thread_start_mutex();

}  // namespace residua::lossy
