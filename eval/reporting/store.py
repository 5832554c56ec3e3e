"""Results on disk: one line of JSON each, written at once, so that an interrupted run loses nothing it has finished."""

import fcntl
import hashlib
import json
import os

from pictures import Failure


class Store:
    """A file of lines {"key": {…}, "value": {…}}. A key says all that a result depends on: equal keys, equal results."""

    def __init__(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        self.file = open(path, "a+b")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.file.close()
            raise Failure(f"{path}: another run writes there") from None
        self.file.seek(0)
        self.values, whole = {}, 0
        for line in self.file.read().splitlines(keepends=True):
            # The last line of a run that was killed may be half a line: it is measured again.
            if not line.endswith(b"\n"):
                break
            try:
                entry = json.loads(line)
                self.values[self.digest(entry["key"])] = entry["value"]
            except (ValueError, KeyError, TypeError):
                self.file.close()
                raise Failure(f"{path}: damaged near byte {whole}; remove what is wrong there, or the file") from None
            whole += len(line)
        self.file.truncate(whole)

    @staticmethod
    def digest(key):
        return hashlib.sha256(json.dumps(key, sort_keys=True).encode()).hexdigest()

    def find(self, key):
        return self.values.get(self.digest(key))

    def add(self, key, value):
        # Through JSON, so that a fresh value and one that was read are the same to the last digit.
        line = json.dumps({"key": key, "value": value}, sort_keys=True, ensure_ascii=True)
        self.file.write(line.encode() + b"\n")
        self.file.flush()
        os.fsync(self.file.fileno())
        self.values[self.digest(key)] = json.loads(line)["value"]
        return self.values[self.digest(key)]

    def close(self):
        self.file.close()
