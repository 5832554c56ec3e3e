// How many threads the system lets this process start.
#pragma once

namespace residua::lossy {

// 0 … wanted. The HEVC libraries wait for ever for a thread that they could not start (a limit of the user's
// processes, or no memory for its stack), so that this is found out before they are asked: by starting so
// many at once and ending them again. What other threads start meanwhile it cannot know.
int startable_threads(int wanted);

}  // namespace residua::lossy
