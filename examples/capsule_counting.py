"""Counts what a detector finds, and lights an LED while there is enough of it.

    python3 capsule_counting.py MODEL.onnx [URL [ENOUGH [LED]]]

MODEL is a YOLO detector of one class, exported to ONNX.
"""

import asyncio
import json
import sys

import requests
import websockets

arguments = sys.argv[1:] or sys.exit(__doc__)
MODEL = arguments[0]
URL = arguments[1] if len(arguments) > 1 else "http://127.0.0.1:8080"
ENOUGH = int(arguments[2]) if len(arguments) > 2 else 50
LED = arguments[3] if len(arguments) > 3 else "1_01"


def call(method, path, **options):
    try:
        answer = requests.request(method, URL + path, timeout=60, **options)
    except requests.RequestException:
        sys.exit(f"No service answers at {URL}.")
    if not answer.ok:
        sys.exit(f"{method} {path}: {answer.status_code} {answer.text}")
    return answer


async def count(path):
    lit = None
    async with websockets.connect(URL.replace("http", "ws", 1) + path) as results:
        async for message in results:
            number = len(json.loads(message)["detections"])
            if (number >= ENOUGH) == lit:
                continue
            lit = number >= ENOUGH
            led = call("POST", f"/controller/led/{LED}", json={"value": lit}).json()
            print(f"{number} of {ENOUGH}: LED {led['circuit']} is {led['value']}", flush=True)
    sys.exit("There are no more results.")


mxid = call("GET", "/cameras/").json()[0]["mxid"]
nn = f"/cameras/{mxid}/streams/CAM_A/nn"
config = {
    "type": "YOLO",
    "nn_config": {"num_classes": 1, "coordinate_size": 4, "confidence_threshold": 0.5},
}
with open(MODEL, "rb") as model:
    call("POST", nn, files={"model": model}, data={"config": json.dumps(config)})
asyncio.run(count(nn))
