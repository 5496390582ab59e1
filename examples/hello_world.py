"""Pictures of a camera, and what a model sees in them.

    python3 hello_world.py [URL [MODEL.onnx]]
"""

import json
import sys
from pathlib import Path

import requests
from websockets.sync.client import connect

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
MODEL = sys.argv[2] if len(sys.argv) > 2 else None


def checked(response):
    response.raise_for_status()
    return response


cameras = checked(requests.get(f"{URL}/cameras/")).json()
for camera in cameras:
    print(camera["mxid"], camera["camera_name"], camera["state"])
mxid = cameras[0]["mxid"]

streams = checked(requests.get(f"{URL}/cameras/{mxid}/streams/")).json()
name = list(streams)[0] if isinstance(streams, dict) else streams[0]["name"]
stream = f"{URL}/cameras/{mxid}/streams/{name}"
print("stream", name)

# Only the field that changes is sent; the answer is the whole configuration.
config = checked(requests.post(f"{stream}/config", json={"still_size": [200, 200]})).json()
print("still size", config["still_size"])

Path("data").mkdir(exist_ok=True)
for number in range(3):
    still = checked(requests.get(f"{stream}/still"))
    file = Path("data") / f"{number}.jpeg"
    file.write_bytes(still.content)
    print(file, "taken at", still.headers["X-Capture-Time"])

if MODEL is not None:
    with open(MODEL, "rb") as model:
        config = json.dumps({"type": "Generic"})
        checked(requests.post(f"{stream}/nn", files={"model": model}, data={"config": config}))
    with connect(stream.replace("http", "ws", 1) + "/nn") as results:
        for _ in range(5):
            print("result", json.loads(results.recv())["detections"])
    checked(requests.delete(f"{stream}/nn"))
