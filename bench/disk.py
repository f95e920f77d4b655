#!/usr/bin/env python3
"""disk.py DIR SECONDS: how often a second one writer can make 4 KB durable in a file of DIR, as JSON."""
import json
import os
import sys
import time

SIZE = 10 * 1024 * 1024
path = os.path.join(sys.argv[1], "fdatasync")
file = os.open(path, os.O_CREAT | os.O_WRONLY)
os.write(file, bytes(SIZE))
os.fsync(file)
times, block, place = [], os.urandom(4096), 0
end = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    begun = time.monotonic()
    os.pwrite(file, block, place)
    os.fdatasync(file)
    times.append(time.monotonic() - begun)
    place = (place + len(block)) % SIZE
os.close(file)
os.unlink(path)
times.sort()
print(json.dumps({"requests": len(times), "failed": 0, "per_second": round(len(times) / sum(times), 1),
                  "reply_p50_us": round(times[len(times) // 2] * 1e6), "reply_p99_us": round(times[len(times) * 99 // 100] * 1e6)}))
