"""Follows the reddest thing that the camera sees: OpenCV reads the stream, and the loop says where to turn.

    python3 robotics.py [URL [PICTURES]]

PICTURES ends it after so many; otherwise it goes on.
"""

import sys

import cv2
import requests

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080"
PICTURES = int(sys.argv[2]) if len(sys.argv) > 2 else None

try:
    mxid = requests.get(f"{URL}/cameras/", timeout=60).json()[0]["mxid"]
except requests.RequestException:
    sys.exit(f"No service answers at {URL}.")
video = cv2.VideoCapture(f"{URL}/cameras/{mxid}/streams/CAM_A/mjpeg")
if not video.isOpened():
    sys.exit(f"{URL} gives no pictures of {mxid}")


def reddest(picture):
    """Centre and area of the largest red spot, or None."""
    hue, saturation, value = cv2.split(cv2.cvtColor(picture, cv2.COLOR_BGR2HSV))
    # Red is where the circle of hues begins and ends.
    is_red = cv2.bitwise_or(cv2.inRange(hue, 0, 10), cv2.inRange(hue, 170, 179))
    mask = cv2.bitwise_and(is_red, cv2.bitwise_and(cv2.inRange(saturation, 120, 255), cv2.inRange(value, 70, 255)))
    spots, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not spots:
        return None
    x, y, width, height = cv2.boundingRect(max(spots, key=cv2.contourArea))
    return x + width / 2, y + height / 2, width * height


number = 0
while PICTURES is None or number < PICTURES:
    ok, picture = video.read()
    if not ok:
        sys.exit("the stream has ended")
    number += 1
    spot = reddest(picture)
    if spot is None:
        print(number, "nothing red: stand still")
        continue
    width = picture.shape[1]
    # -1 is a turn to the far left, 1 to the far right.
    print(number, f"turn {2 * spot[0] / width - 1:+.2f}", flush=True)
