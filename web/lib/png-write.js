// Writes PNG files: of any picture but CMYK all that it has, so that browsers and other programs can show it with its
// profile. Either packed, or stored as it is, which takes no time and is for showing alone.

import { channelsOf, toRgba } from "./samples.js";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const COLOUR_TYPE = { grey: 0, rgb: 2, greyalpha: 4, rgbalpha: 6 };

// Eight tables, for eight bytes at a time.
const CRC = Array.from({ length: 8 }, () => new Uint32Array(256));
for (let n = 0; n < 256; ++n) {
    let c = n;
    for (let k = 0; k < 8; ++k) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
    CRC[0][n] = c;
}
for (let n = 0; n < 256; ++n)
    for (let t = 1; t < 8; ++t) CRC[t][n] = CRC[0][CRC[t - 1][n] & 255] ^ (CRC[t - 1][n] >>> 8);

export function crc32(bytes, crc = 0) {
    let c = ~crc;
    let i = 0;
    for (; i + 8 <= bytes.length; i += 8) {
        const low = c ^ (bytes[i] | (bytes[i + 1] << 8) | (bytes[i + 2] << 16) | (bytes[i + 3] << 24));
        c =
            CRC[7][low & 255] ^
            CRC[6][(low >>> 8) & 255] ^
            CRC[5][(low >>> 16) & 255] ^
            CRC[4][low >>> 24] ^
            CRC[3][bytes[i + 4]] ^
            CRC[2][bytes[i + 5]] ^
            CRC[1][bytes[i + 6]] ^
            CRC[0][bytes[i + 7]];
    }
    for (; i < bytes.length; ++i) c = CRC[0][(c ^ bytes[i]) & 255] ^ (c >>> 8);
    return ~c >>> 0;
}

function adler32(bytes) {
    let a = 1;
    let b = 0;
    for (let i = 0; i < bytes.length;) {
        for (const end = Math.min(i + 3800, bytes.length); i < end; ++i) {
            a += bytes[i];
            b += a;
        }
        a %= 65521;
        b %= 65521;
    }
    return ((b << 16) | a) >>> 0;
}

function chunk(name, data) {
    const bytes = new Uint8Array(12 + data.length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, data.length);
    for (let i = 0; i < 4; ++i) bytes[4 + i] = name.charCodeAt(i);
    bytes.set(data, 8);
    view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
    return bytes;
}

// zlib's format without compression.
function stored(bytes) {
    const BLOCK = 65535;
    const blocks = Math.max(1, Math.ceil(bytes.length / BLOCK));
    const out = new Uint8Array(2 + bytes.length + 5 * blocks + 4);
    out.set([0x78, 0x01]);
    let to = 2;
    for (let i = 0; i < blocks; ++i) {
        const part = bytes.subarray(i * BLOCK, (i + 1) * BLOCK);
        out.set(
            [
                i + 1 === blocks ? 1 : 0,
                part.length & 255,
                part.length >> 8,
                ~part.length & 255,
                (~part.length >> 8) & 255,
            ],
            to,
        );
        out.set(part, to + 5);
        to += 5 + part.length;
    }
    new DataView(out.buffer).setUint32(to, adler32(bytes));
    return out;
}

async function packed(bytes) {
    const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
}

// Of each row the filter whose differences are smallest, as the PNG specification advises.
function filtered(rows, rowSize, pixelSize, choose) {
    const height = rows.length / rowSize;
    const out = new Uint8Array(rows.length + height);
    const zeros = new Uint8Array(rowSize);
    const tries = choose ? [0, 1, 2, 3, 4].map(() => new Uint8Array(rowSize)) : [];
    for (let y = 0; y < height; ++y) {
        const row = rows.subarray(y * rowSize, (y + 1) * rowSize);
        const to = y * (rowSize + 1);
        if (!choose) {
            out.set(row, to + 1);
            continue;
        }
        const above = y > 0 ? rows.subarray((y - 1) * rowSize, y * rowSize) : zeros;
        const sums = [0, 0, 0, 0, 0];
        for (let i = 0; i < rowSize; ++i) {
            const a = i >= pixelSize ? row[i - pixelSize] : 0;
            const b = above[i];
            const c = i >= pixelSize ? above[i - pixelSize] : 0;
            const values = [row[i], row[i] - a, row[i] - b, row[i] - ((a + b) >> 1), row[i] - paeth(a, b, c)];
            for (let f = 0; f < 5; ++f) {
                const value = values[f] & 255;
                tries[f][i] = value;
                sums[f] += value < 128 ? value : 256 - value;
            }
        }
        const best = sums.indexOf(Math.min(...sums));
        out[to] = best;
        out.set(tries[best], to + 1);
    }
    return out;
}

export function paeth(a, b, c) {
    const pa = Math.abs(b - c);
    const pb = Math.abs(a - c);
    const pc = Math.abs(a + b - 2 * c);
    return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

// Grey samples of 1, 2 or 4 bits, several in a byte.
function packedRows({ width, height, bits, data }) {
    const rowSize = Math.ceil((width * bits) / 8);
    const rows = new Uint8Array(rowSize * height);
    for (let y = 0, i = 0; y < height; ++y)
        for (let x = 0; x < width; ++x, ++i)
            rows[y * rowSize + ((x * bits) >> 3)] |= data[i] << (8 - bits - ((x * bits) & 7));
    return rows;
}

// Samples as PNG has them, 16 bits in big-endian order; depths that it lacks are stretched, and sBIT says what they were.
function rowsOf(picture) {
    const { width, height, bits, colour, alpha, data } = picture;
    if (colour === "cmyk") {
        const rgba = new Uint8Array(width * height * 4);
        toRgba(data, picture, width * height, rgba, picture.inverted);
        return { rows: rgba, depth: 8, kind: "rgbalpha", channels: 4 };
    }
    const channels = channelsOf(colour, alpha);
    const kind = colour + (alpha ? "alpha" : "");
    const white = 2 ** bits - 1;
    if (bits === 8)
        return { rows: new Uint8Array(data.buffer, data.byteOffset, data.length), depth: 8, kind, channels };
    if ([1, 2, 4].includes(bits) && kind === "grey")
        return { rows: packedRows(picture), depth: bits, kind, channels };
    if (bits < 8)
        return {
            rows: Uint8Array.from(data, (value) => Math.round((value * 255) / white)),
            depth: 8,
            kind,
            channels,
        };
    const rows = new Uint8Array(data.length * 2);
    for (let i = 0; i < data.length; ++i) {
        const value = bits === 16 ? data[i] : Math.round((data[i] * 65535) / white);
        rows[2 * i] = value >> 8;
        rows[2 * i + 1] = value & 255;
    }
    return { rows, depth: 16, kind, channels };
}

/** The bytes of a PNG file. */
export async function writePng(picture, { compress = true } = {}) {
    const { width, height, bits, colour, metadata = [] } = picture;
    const { rows, depth, kind, channels } = rowsOf(picture);
    const lines = filtered(rows, rows.length / height, Math.max(1, (channels * depth) / 8), compress);
    const header = new Uint8Array(13);
    const view = new DataView(header.buffer);
    view.setUint32(0, width);
    view.setUint32(4, height);
    header.set([depth, COLOUR_TYPE[kind]], 8);
    const parts = [new Uint8Array(SIGNATURE), chunk("IHDR", header)];
    const find = (name) => metadata.find((entry) => entry.name === name)?.data;
    if (bits !== depth && colour !== "cmyk") parts.push(chunk("sBIT", new Uint8Array(channels).fill(bits)));
    const pack = compress ? packed : stored;
    const icc = find("icc");
    if (icc && colour !== "cmyk") parts.push(chunk("iCCP", joined([ascii("icc\0\0"), await pack(icc)])));
    const exif = find("exif");
    if (exif) parts.push(chunk("eXIf", exif));
    const xmp = find("xmp");
    if (xmp) parts.push(chunk("iTXt", joined([ascii("XML:com.adobe.xmp\0\0\0\0\0"), xmp])));
    // What stood in a PNG as it stands in any: whether the samples' depth or kind has changed matters to none of them.
    const kept = (place) =>
        metadata.filter(({ name }) =>
            new RegExp(`^${place}:(cICP|sRGB|gAMA|cHRM|mDCV|cLLI|pHYs|tIME|tEXt|[zi]TXt)$`).test(name),
        );
    for (const { name, data } of colour === "cmyk" ? [] : kept("png"))
        parts.push(chunk(name.slice(-4), data));
    parts.push(chunk("IDAT", await pack(lines)));
    for (const { name, data } of colour === "cmyk" ? [] : kept("png-end"))
        parts.push(chunk(name.slice(-4), data));
    parts.push(chunk("IEND", new Uint8Array(0)));
    return joined(parts);
}

const ascii = (string) => Uint8Array.from(string, (c) => c.charCodeAt(0));

export function joined(parts) {
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
        bytes.set(part, at);
        at += part.length;
    }
    return bytes;
}
