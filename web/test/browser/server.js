// Serves folders as any static server would: bytes, and the types of their names.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname } from "node:path";

const TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript",
    ".css": "text/css",
    ".svg": "image/svg+xml",
    ".json": "application/json",
    ".wasm": "application/wasm",
    ".png": "image/png",
};

/** `places`: path prefix -> file URL of a folder, or bytes. */
export async function serve(places, headers = {}) {
    const server = createServer(async (request, response) => {
        const path = decodeURIComponent(new URL(request.url, "http://localhost").pathname);
        try {
            const [prefix, place] = Object.entries(places).find(([start]) => path.startsWith(start)) ?? [];
            if (!prefix || path.includes("..")) throw new Error("not here");
            const rest = path.slice(prefix.length);
            const body =
                place instanceof URL
                    ? await readFile(
                          new URL(rest === "" || rest.endsWith("/") ? `${rest}index.html` : rest, place),
                      )
                    : place;
            response.writeHead(200, {
                "content-type":
                    TYPES[extname(path)] ??
                    (path.endsWith("/") ? TYPES[".html"] : "application/octet-stream"),
                ...headers,
            });
            response.end(body);
        } catch {
            response.writeHead(404);
            response.end();
        }
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { origin: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}
