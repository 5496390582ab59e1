/**
 * The images of a multipart response, as they come.
 * @param count how many to read before the response is cancelled.
 * @param atEnd called before that.
 */
export async function mjpegImages(response: Response, count: number, atEnd: () => void): Promise<Buffer[]> {
  const images: Buffer[] = [];
  let input = Buffer.alloc(0);
  for await (const bytes of response.body ?? []) {
    input = Buffer.concat([input, bytes]);
    for (;;) {
      const start = input.indexOf('\r\n\r\n');
      const length = Number(
        /Content-Length: (\d+)/i.exec(input.toString('latin1', 0, Math.max(0, start)))?.[1],
      );
      if (start < 0 || input.length < start + 4 + length) break;
      images.push(input.subarray(start + 4, start + 4 + length));
      input = input.subarray(start + 4 + length);
    }
    if (images.length >= count) {
      atEnd();
      break; // which cancels the response
    }
  }
  return images;
}
