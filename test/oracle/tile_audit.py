#!/usr/bin/env python3
"""A second opinion on a static log, sharing no code and no language with Wardkeep.

    tile_audit.py DIR VKEY

Reads DIR/checkpoint, DIR/tile/entries/... and DIR/tile/<level>/... (C2SP tlog-tiles), recomputes the whole tree from
the entries alone (RFC 6962) and compares every hash of every tile with it, then the root with the checkpoint, whose
Ed25519 signature by VKEY (a signed-note vkey of type 1) is checked with the openssl program.
Prints one line. Exit code 0: verified; 1: something is wrong, with the first bad index; 2: wrong usage.
"""

import base64
import hashlib
import os
import subprocess
import sys
import tempfile

WIDTH = 256


class Bad(Exception):
    pass


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def tree_hash(hashes):
    """RFC 6962 section 2.1 over leaf hashes (or roots of full subtrees of one height)."""
    if not hashes:
        return sha256()
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return sha256(b"\x01", tree_hash(hashes[:k]), tree_hash(hashes[k:]))


def resource(root, kind, index, width):
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    path = os.path.join(root, "tile", kind, *["x" + g for g in groups[:-1]], groups[-1])
    if width < WIDTH:
        path = os.path.join(path + ".p", str(width))
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Bad(f"entries from index {index * WIDTH} on, tile {kind}: {error}")


def bundle_entries(data, first):
    entries, at = [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if at + 2 > len(data) or end > len(data):
            raise Bad(f"index {first + len(entries)}: the entry bundle is cut short")
        entries.append(data[at + 2 : end])
        at = end
    return entries


def read_entries(root, size):
    leaves = []
    for index in range(-(-size // WIDTH)):
        width = min(WIDTH, size - index * WIDTH)
        entries = bundle_entries(resource(root, "entries", index, width), index * WIDTH)
        if len(entries) != width:
            raise Bad(f"index {index * WIDTH}: the entry bundle has {len(entries)} entries, not {width}")
        leaves += [sha256(b"\x00", entry) for entry in entries]
    return leaves


def check_tiles(root, leaves):
    """Every tile of every level against the hashes that the entries give."""
    level, hashes, span = 0, leaves, 1
    tiles = 0
    while hashes:
        for index in range(-(-len(hashes) // WIDTH)):
            wanted = hashes[index * WIDTH : (index + 1) * WIDTH]
            data = resource(root, str(level), index, len(wanted))
            found = [data[i : i + 32] for i in range(0, len(data), 32)]
            if found != wanted:
                at = next((i for i, (a, b) in enumerate(zip(found, wanted)) if a != b), min(len(found), len(wanted)))
                raise Bad(f"index {(index * WIDTH + at) * span}: hash {at} of tile {level}/{index} is not that of the entries")
            tiles += 1
        full = len(hashes) // WIDTH
        hashes = [tree_hash(hashes[i * WIDTH : (i + 1) * WIDTH]) for i in range(full)]
        level, span = level + 1, span * WIDTH
    return tiles


def check_signature(text, signatures, vkey):
    name, key_id, key = vkey.split("+", 2)
    raw = base64.b64decode(key, validate=True)
    if raw[0] != 1 or len(raw) != 33 or sha256(name.encode(), b"\n", raw)[:4].hex() != key_id:
        raise Bad("the key is not an Ed25519 verifier key")
    lines = [line.split(" ") for line in signatures.splitlines()]
    blobs = [base64.b64decode(line[2], validate=True) for line in lines if line[:2] == ["\u2014", name]]
    blobs = [blob[4:] for blob in blobs if blob[:4].hex() == key_id]
    if not blobs:
        raise Bad("the checkpoint has no signature of the key")
    with tempfile.TemporaryDirectory() as scratch:
        def put(file_name, data):
            path = os.path.join(scratch, file_name)
            with open(path, "wb") as file:
                file.write(data)
            return path

        public = put("key.der", bytes.fromhex("302a300506032b6570032100") + raw[1:])
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, "-keyform", "DER", "-rawin"]
        command += ["-in", put("text", text.encode()), "-sigfile", put("signature", blobs[0])]
        if subprocess.run(command, capture_output=True, timeout=30, check=False).returncode != 0:
            raise Bad("the signature of the checkpoint does not verify")
    return name


def audit(root, vkey):
    with open(os.path.join(root, "checkpoint"), encoding="utf-8", newline="") as file:
        text, _, signatures = file.read().rpartition("\n\n")
    text += "\n"
    origin, size, root_hash = text.split("\n")[:3]
    if check_signature(text, signatures, vkey) != origin:
        raise Bad("the key is of another log")
    leaves = read_entries(root, int(size))
    tiles = check_tiles(root, leaves)
    if base64.b64encode(tree_hash(leaves)).decode() != root_hash:
        raise Bad("the root of the entries is not the root of the checkpoint")
    return f"verified: {size} entries, {tiles} tiles"


if __name__ == "__main__":
    if len(sys.argv) != 3:
        print(__doc__)
        sys.exit(2)
    try:
        print(audit(sys.argv[1], sys.argv[2]))
    except (Bad, OSError, ValueError, IndexError) as error:
        print(f"bad: {error}")
        sys.exit(1)
