"""Counts what a detector finds, and lights an LED while there is enough of it.

    python3 capsule_counting.py MODEL.onnx [URL [ENOUGH [LED]]]

MODEL is a YOLO detector of one class, exported to ONNX.
"""

import json
import sys

import requests
from websockets.sync.client import connect

arguments = sys.argv[1:]
MODEL = arguments[0]
URL = arguments[1] if len(arguments) > 1 else "http://127.0.0.1:8080"
ENOUGH = int(arguments[2]) if len(arguments) > 2 else 50
LED = arguments[3] if len(arguments) > 3 else "1_01"


def checked(response):
    response.raise_for_status()
    return response


mxid = checked(requests.get(f"{URL}/cameras/")).json()[0]["mxid"]
nn = f"{URL}/cameras/{mxid}/streams/CAM_A/nn"

config = {
    "type": "YOLO",
    "nn_config": {"num_classes": 1, "coordinate_size": 4, "confidence_threshold": 0.5},
}
with open(MODEL, "rb") as model:
    checked(requests.post(nn, files={"model": model}, data={"config": json.dumps(config)}))
print("counting", flush=True)

lit = None
with connect(nn.replace("http", "ws", 1)) as results:
    for message in results:
        count = len(json.loads(message)["detections"])
        if (count >= ENOUGH) == lit:
            continue
        lit = count >= ENOUGH
        led = checked(requests.post(f"{URL}/controller/led/{LED}", json={"value": lit})).json()
        print(f"{count} of {ENOUGH}: LED {led['circuit']} is {led['value']}", flush=True)
