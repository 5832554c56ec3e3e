// Reads PNG files to the samples that they have: every depth, alpha as it is, palettes as colours, interlaced or not. A
// browser's own decoder gives 8 bits, in its own colours, and multiplies alpha into them.

import { ResiduaError } from "./errors.js";
import { crc32, joined, paeth } from "./png-write.js";

const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };
const ADAM7 = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
];

// Chunks that say the same of samples of any depth, palette or not. They are kept under the names that the command line
// tool gives them: "png:gAMA", behind the pixels "png-end:tEXt".
const KEPT = ["cICP", "sRGB", "gAMA", "cHRM", "mDCV", "cLLI", "pHYs", "tIME", "tEXt", "zTXt", "iTXt"];

const corrupt = (what) => new ResiduaError("corrupt", `the PNG file is damaged: ${what}`);

export function isPng(bytes) {
    return (
        bytes.length > 8 && bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47
    );
}

// zlib's bytes unpacked; `size` at most.
async function unpacked(bytes, size) {
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
    const parts = [];
    let total = 0;
    try {
        for (;;) {
            const { done, value } = await reader.read();
            if (done) return joined(parts);
            parts.push(value);
            total += value.length;
            if (total >= size) {
                await reader.cancel();
                return joined(parts).subarray(0, size);
            }
        }
    } catch (cause) {
        if (cause instanceof RangeError) throw cause; // no memory
        throw corrupt("its packed bytes");
    }
}

function* chunksOf(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 8; ;) {
        if (at + 12 > bytes.length) throw new ResiduaError("truncated", "the PNG file ends too early");
        const size = view.getUint32(at);
        if (size > bytes.length - at - 12) throw new ResiduaError("truncated", "the PNG file ends too early");
        const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
        const right = crc32(bytes.subarray(at + 4, at + 8 + size)) === view.getUint32(at + 8 + size);
        // Of what a picture can do without, a small letter begins the name: where that is damaged, all readers go on.
        if (!right && !/^[a-z][A-Za-z]{3}$/.test(name))
            throw corrupt(`the checksum of ${/^[A-Za-z]{4}$/.test(name) ? name : "a chunk"}`);
        if (right) yield { name, data: bytes.subarray(at + 8, at + 8 + size) };
        if (name === "IEND") return;
        at += 12 + size;
    }
}

function headerOf(data) {
    if (data.length !== 13) throw corrupt("its header");
    const view = new DataView(data.buffer, data.byteOffset);
    const header = {
        width: view.getUint32(0),
        height: view.getUint32(4),
        depth: data[8],
        type: data[9],
        interlaced: data[12],
    };
    const depths = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] }[header.type];
    if (!depths?.includes(header.depth) || header.interlaced > 1 || header.width < 1 || header.height < 1)
        throw corrupt("its header");
    return header;
}

function unfilter(rows, rowSize, pixelSize, height) {
    let above = new Uint8Array(rowSize);
    for (let y = 0; y < height; ++y) {
        const filter = rows[y * (rowSize + 1)];
        const row = rows.subarray(y * (rowSize + 1) + 1, (y + 1) * (rowSize + 1));
        if (filter > 4) throw corrupt("a row's filter");
        for (let i = 0; i < rowSize && filter > 0; ++i) {
            const a = i >= pixelSize ? row[i - pixelSize] : 0;
            const b = above[i];
            const c = i >= pixelSize ? above[i - pixelSize] : 0;
            row[i] += filter === 1 ? a : filter === 2 ? b : filter === 3 ? (a + b) >> 1 : paeth(a, b, c);
        }
        above = row;
    }
}

// The passes of the file into one array of samples.
function samplesOf(lines, { width, height, depth, type, interlaced }) {
    const channels = CHANNELS[type];
    const samples =
        depth > 8 ? new Uint16Array(width * height * channels) : new Uint8Array(width * height * channels);
    const pixelSize = Math.max(1, (channels * depth) >> 3);
    let at = 0;
    for (const [x0, y0, dx, dy] of interlaced ? ADAM7 : [[0, 0, 1, 1]]) {
        const columns = Math.max(0, Math.ceil((width - x0) / dx));
        const rows = columns > 0 ? Math.max(0, Math.ceil((height - y0) / dy)) : 0;
        const rowSize = Math.ceil((columns * channels * depth) / 8);
        const pass = lines.subarray(at, at + rows * (rowSize + 1));
        at += pass.length;
        unfilter(pass, rowSize, pixelSize, rows);
        for (let y = 0; y < rows; ++y) {
            const row = pass.subarray(y * (rowSize + 1) + 1);
            for (let x = 0, from = 0; x < columns; ++x) {
                const to = ((y0 + y * dy) * width + x0 + x * dx) * channels;
                for (let c = 0; c < channels; ++c, ++from) {
                    if (depth === 8) samples[to + c] = row[from];
                    else if (depth === 16) samples[to + c] = row[2 * from] * 256 + row[2 * from + 1];
                    else
                        samples[to + c] =
                            (row[(from * depth) >> 3] >> (8 - depth - ((from * depth) & 7))) &
                            (2 ** depth - 1);
                }
            }
        }
    }
    return samples;
}

function sizeOfLines({ width, height, depth, type, interlaced }) {
    let size = 0;
    for (const [x0, y0, dx, dy] of interlaced ? ADAM7 : [[0, 0, 1, 1]]) {
        const columns = Math.max(0, Math.ceil((width - x0) / dx));
        if (columns > 0)
            size +=
                Math.max(0, Math.ceil((height - y0) / dy)) *
                (1 + Math.ceil((columns * CHANNELS[type] * depth) / 8));
    }
    return size;
}

// Indices to colours, and what tRNS says of opacity.
function coloured(samples, { depth, type }, palette, transparency) {
    const pixels = samples.length / CHANNELS[type];
    if (type === 3) {
        if (!palette || palette.length % 3 !== 0) throw corrupt("its palette");
        const out = transparency ? 4 : 3;
        const data = new Uint8Array(pixels * out);
        for (let i = 0; i < pixels; ++i) {
            const index = samples[i];
            if (index * 3 >= palette.length) throw corrupt("a colour that its palette lacks");
            for (let c = 0; c < 3; ++c) data[i * out + c] = palette[3 * index + c];
            if (transparency) data[i * out + 3] = transparency[index] ?? 255;
        }
        return { data, bits: 8, colour: "rgb", alpha: transparency !== undefined };
    }
    const colour = type === 0 || type === 4 ? "grey" : "rgb";
    if (!transparency || type > 2) return { data: samples, bits: depth, colour, alpha: type > 2 };
    const channels = CHANNELS[type];
    if (transparency.length !== 2 * channels) throw corrupt("its transparent colour");
    const key = Array.from(
        { length: channels },
        (_, c) => transparency[2 * c] * 256 + transparency[2 * c + 1],
    );
    const data =
        depth > 8 ? new Uint16Array(pixels * (channels + 1)) : new Uint8Array(pixels * (channels + 1));
    for (let i = 0; i < pixels; ++i) {
        let opaque = false;
        for (let c = 0; c < channels; ++c) {
            data[i * (channels + 1) + c] = samples[i * channels + c];
            opaque ||= samples[i * channels + c] !== key[c];
        }
        data[i * (channels + 1) + channels] = opaque ? 2 ** depth - 1 : 0;
    }
    return { data, bits: depth, colour, alpha: true };
}

/** The samples of a PNG file, with its profile, Exif, XMP, and KEPT. `pixels`: how many it may have at most. */
export async function readPng(bytes, { pixels = 2 ** 27 } = {}) {
    if (!isPng(bytes)) throw new ResiduaError("corrupt", "this is no PNG file");
    const kept = {};
    const packed = [];
    const metadata = [];
    for (const { name, data } of chunksOf(bytes)) {
        if (name === "IDAT") packed.push(data);
        else if (name === "iCCP") metadata.push({ name: "icc", packed: data.subarray(data.indexOf(0) + 2) });
        else if (name === "eXIf") metadata.push({ name: "exif", data: data.slice() });
        else if (KEPT.includes(name)) {
            const key = "XML:com.adobe.xmp\0";
            // Two empty strings follow, and two numbers that say that nothing is packed.
            if (
                name === "iTXt" &&
                data.length > key.length + 4 &&
                [...key].every((c, i) => data[i] === c.charCodeAt(0)) &&
                data.subarray(key.length, key.length + 4).every((b) => b === 0)
            )
                metadata.push({ name: "xmp", data: data.slice(key.length + 4) });
            else metadata.push({ name: `png${packed.length > 0 ? "-end" : ""}:${name}`, data: data.slice() });
        } else kept[name] ??= data;
    }
    if (!kept.IHDR || packed.length === 0) throw corrupt("it has no picture");
    if (kept.acTL) throw new ResiduaError("unsupported", "animated PNG files are not coded");
    const header = headerOf(kept.IHDR);
    if (header.width * header.height > pixels)
        throw new ResiduaError(
            "memory limit",
            `the PNG file has ${header.width} x ${header.height} pixels, more than the limit of ${pixels}`,
        );
    // A profile that cannot be read is none, to browsers, too.
    for (const entry of metadata.filter(({ name }) => name === "icc")) {
        entry.data = await unpacked(entry.packed, 2 ** 24).catch(() => new Uint8Array(0));
        delete entry.packed;
        if (entry.data.length === 0) metadata.splice(metadata.indexOf(entry), 1);
    }
    const size = sizeOfLines(header);
    const lines = await unpacked(joined(packed), size);
    if (lines.length < size) throw new ResiduaError("truncated", "the PNG file's pixels end too early");
    const samples = samplesOf(lines, header);
    return {
        width: header.width,
        height: header.height,
        ...coloured(samples, header, kept.PLTE, kept.tRNS),
        metadata,
    };
}
