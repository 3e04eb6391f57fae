"""flip.py TEXT DIRECTORY: flips a bit in the last place where the text is in a segment of slices below the directory."""
import pathlib
import sys

text = sys.argv[1].encode()
for segment in sorted(pathlib.Path(sys.argv[2]).rglob("slices-*.segment")):
    at = segment.read_bytes().rfind(text)
    if at < 0:
        continue
    with segment.open("r+b") as file:
        file.seek(at + len(text) // 2)
        byte = file.read(1)[0]
        file.seek(at + len(text) // 2)
        file.write(bytes([byte ^ 0x10]))
    print(f"{segment}: {at}")
    sys.exit(0)
sys.exit("the text is in no segment")
