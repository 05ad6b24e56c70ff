"""The plain way to read NTU RGB+D's .skeleton files: line by line, a dict for every joint.

It is what `bench data` measures skelrun's reader beside. Most code of the field reads these files much
like this; nothing here is slower than it must be in that style.

    skeleton_reader.py FOLDER

For every line on standard input it reads all recordings of the folder once, and answers with a line of
JSON: {"seconds": ..., "bytes": ..., "clips": ..., "checksum": ...}.
"""

import json
import os
import sys
import time

try:
    import numpy as np
except ImportError:
    np = None

BODY_KEYS = (
    "bodyID", "clipedEdges", "handLeftConfidence", "handLeftState", "handRightConfidence",
    "handRightState", "isResticted", "leanX", "leanY", "trackingState",
)
JOINT_KEYS = (
    "x", "y", "z", "depthX", "depthY", "colorX", "colorY",
    "orientationW", "orientationX", "orientationY", "orientationZ", "trackingState",
)


def read_skeleton(path):
    """One recording as frames of bodies of joints."""
    with open(path, "r") as file:
        frames = []
        for _ in range(int(file.readline())):
            bodies = []
            for _ in range(int(file.readline())):
                body = {key: float(word) for key, word in zip(BODY_KEYS, file.readline().split())}
                body["joints"] = []
                for _ in range(int(file.readline())):
                    words = file.readline().split()
                    joint = {key: float(word) for key, word in zip(JOINT_KEYS, words)}
                    body["joints"].append(joint)
                bodies.append(body)
            frames.append(bodies)
    return frames


def empty_clip(frames, bodies):
    """Coordinates (3, frames, 25, bodies); where there is no NumPy, nested lists of that shape."""
    if np is not None:
        return np.zeros((3, frames, 25, bodies), dtype=np.float32)
    return [[[[0.0] * bodies for _ in range(25)] for _ in range(frames)] for _ in range(3)]


def read_xyz(path, max_body=2):
    """The coordinates of the first bodies of each frame."""
    frames = read_skeleton(path)
    clip = empty_clip(len(frames), max_body)
    for t, bodies in enumerate(frames):
        for m, body in enumerate(bodies[:max_body]):
            for v, joint in enumerate(body["joints"]):
                xyz = (joint["x"], joint["y"], joint["z"])
                if np is not None:
                    clip[:, t, v, m] = xyz
                else:
                    for c in range(3):
                        clip[c][t][v][m] = xyz[c]
    return clip


def main():
    folder = sys.argv[1]
    names = sorted(name for name in os.listdir(folder) if name.endswith(".skeleton"))
    paths = [os.path.join(folder, name) for name in names]
    total = sum(os.path.getsize(path) for path in paths)
    version = ".".join(map(str, sys.version_info[:2]))
    into = "NumPy" if np is not None else "lists"
    print(json.dumps({"peer": f"python {version}, a dict per joint, {into}"}), flush=True)
    for _ in sys.stdin:
        begun = time.perf_counter()
        checksum = 0.0
        for path in paths:
            clip = read_xyz(path)
            checksum += float(clip[1][-1][3][0])
        seconds = time.perf_counter() - begun
        answer = {"seconds": seconds, "bytes": total, "clips": len(paths), "checksum": checksum}
        print(json.dumps(answer), flush=True)


main()
