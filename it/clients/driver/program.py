"""A client's program: a process that does one operation for each line it is given, and tells what it saw."""
import json
import queue
import subprocess
import threading

from gateway import environment

OPERATION_SECONDS = 60


class Program:
    """One process, started with the first operation and again after one that did not end in time.

    An operation is a JSON object in one line of the standard input. The answer is a JSON object in one line of the
    standard output; other lines there are passed over, as libraries print what they like.
    """

    def __init__(self, command, folder):
        self.command = command
        self.folder = folder
        self.process = None
        self.lines = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def do(self, operation, **arguments):
        """What the client saw; {"error": …} if the operation failed, {"offered": false} if the client has none."""
        if self.process is None or self.process.poll() is not None:
            self.start()
        try:
            self.process.stdin.write(json.dumps({"do": operation, **arguments}) + "\n")
            self.process.stdin.flush()
            return self.answer()
        except BrokenPipeError:
            return {"died": f"the client's program ended; {self.folder / 'log'} says why"}
        except queue.Empty:
            self.stop()
            return {"died": f"no end after {OPERATION_SECONDS} s"}

    def answer(self):
        while True:
            line = self.lines.get(timeout=OPERATION_SECONDS)
            if line is None:
                raise BrokenPipeError
            try:
                seen = json.loads(line)
            except ValueError:
                continue
            if isinstance(seen, dict):
                return seen

    def start(self):
        self.stop()
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, env=environment(), text=True, encoding="utf-8",
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        self.lines = queue.SimpleQueue()
        threading.Thread(target=self.read, args=(self.process.stdout, self.lines), daemon=True).start()

    @staticmethod
    def read(output, lines):
        for line in output:
            lines.put(line)
        lines.put(None)

    def stop(self):
        if self.process is None:
            return
        try:
            self.process.stdin.close()
            self.process.wait(3)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.process = None
