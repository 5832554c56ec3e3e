"""Programs that are timed and whose peak memory is read, as the kernel counts both."""

import contextlib
import os
import signal
import subprocess
import sys

from pictures import Failure

# A process starts with the peak of the one it was spawned from (the kernel counts so until exec), which is why a
# small interpreter stands between the caller, with its pictures in memory, and the program that is measured.
MEASURE = """
import os, sys, time
start = time.perf_counter()
process = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(process, 0)
print()
print(time.perf_counter() - start, usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


class Usage:
    """seconds: wall clock of the whole process. peak: its largest resident set, in bytes."""

    def __init__(self, seconds, peak):
        self.seconds, self.peak = seconds, peak


def measured(command, environment=None):
    """Runs a command; its last words are in the Failure where it fails. It is ended when this program is interrupted."""
    command = [str(word) for word in command]
    # Of its own session, so that whoever presses Ctrl-C ends it through this program, which waits for it.
    process = subprocess.Popen([sys.executable, "-I", "-S", "-c", MEASURE, *command], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
                               env={**os.environ, **(environment or {})})
    try:
        output, errors = process.communicate()
    except BaseException:
        # It may have ended meanwhile: communicate() waits for a moment before it passes an interruption on.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    if process.returncode != 0:
        lines = errors.decode(errors="replace").strip().splitlines() or ["no message"]
        if lines[-1].startswith("FileNotFoundError"):
            raise Failure(f"{command[0]} is not installed (scripts/packages lists what eval/ needs)")
        raise Failure(f"{' '.join(command)}: exit {process.returncode}: {lines[-1]}")
    seconds, peak = output.splitlines()[-1].split()
    return Usage(float(seconds), 1024 * int(peak))
