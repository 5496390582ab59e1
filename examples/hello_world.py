"""Pictures of a camera, and what a model sees in them.

    python3 hello_world.py [URL [MODEL.onnx]]
"""

import asyncio
import json
import sys
from pathlib import Path

import requests
import websockets

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
MODEL = sys.argv[2] if len(sys.argv) > 2 else None


def call(method, path, **options):
    try:
        answer = requests.request(method, URL + path, timeout=60, **options)
    except requests.RequestException:
        sys.exit(f"No service answers at {URL}.")
    if not answer.ok:
        sys.exit(f"{method} {path}: {answer.status_code} {answer.text}")
    return answer


async def print_results(path, count):
    async with websockets.connect(URL.replace("http", "ws", 1) + path) as results:
        for _ in range(count):
            print("result", json.loads(await results.recv())["detections"])


cameras = call("GET", "/cameras/").json()
for camera in cameras:
    print(camera["mxid"], camera["camera_name"], camera["state"])
streams = call("GET", f"/cameras/{cameras[0]['mxid']}/streams/").json()
name = list(streams)[0] if isinstance(streams, dict) else streams[0]["name"]
stream = f"/cameras/{cameras[0]['mxid']}/streams/{name}"

# Only the field that changes is sent; the answer is the whole configuration.
config = call("POST", f"{stream}/config", json={"still_size": [200, 200]}).json()
print("stream", name, "still size", config["still_size"])

Path("data").mkdir(exist_ok=True)
for number in range(3):
    still = call("GET", f"{stream}/still")
    file = Path("data") / f"{number}.jpeg"
    file.write_bytes(still.content)
    print(file, "taken at", still.headers["X-Capture-Time"])

if MODEL is not None:
    with open(MODEL, "rb") as model:
        call("POST", f"{stream}/nn", files={"model": model}, data={"config": json.dumps({"type": "Generic"})})
    asyncio.run(print_results(f"{stream}/nn", 5))
    call("DELETE", f"{stream}/nn")
