// The package as npm packs and installs it, in a folder of its own: the README's example, run as it stands there.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
    cpSync,
    existsSync,
    mkdtempSync,
    readFileSync,
    readdirSync,
    rmSync,
    statSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { brotliCompressSync } from "node:zlib";

const web = fileURLToPath(new URL("..", import.meta.url));
let folder, installed;

before(() => {
    folder = mkdtempSync(join(tmpdir(), "residua-package-"));
    execFileSync("npm", ["pack", "--silent", "--pack-destination", folder], { cwd: web });
    const [tarball] = readdirSync(folder);
    assert.match(tarball, /^residua-\d+\.\d+\.\d+\.tgz$/);
    writeFileSync(join(folder, "package.json"), '{"private": true, "type": "module"}');
    execFileSync(
        "npm",
        ["install", "--silent", "--offline", "--no-audit", "--no-fund", join(folder, tarball)],
        { cwd: folder },
    );
    installed = join(folder, "node_modules", "residua");
});
after(() => rmSync(folder, { recursive: true, force: true }));

test("has what it needs, and nothing else", () => {
    const { dependencies, version } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
    assert.equal(dependencies, undefined);
    assert.match(
        readFileSync(join(web, "../CMakeLists.txt"), "utf8"),
        new RegExp(`project\\(residua VERSION ${version.replaceAll(".", "\\.")} `),
        "another version than CMakeLists.txt",
    );
    for (const file of [
        "README.md",
        "LICENSE",
        "lib/index.js",
        "lib/index.d.ts",
        "lib/img.d.ts",
        "dist/residua-simd.wasm",
        "dist/residua-plain.wasm",
        "dist/models.json",
        "dist/NOTICE",
        "page/index.html",
    ])
        assert.ok(existsSync(join(installed, file)), file);
    for (const { file } of JSON.parse(readFileSync(join(installed, "dist/models.json"), "utf8")))
        assert.ok(statSync(join(installed, "dist", file)).size > 1000, file);
    for (const folder of ["test", "module", "node_modules"])
        assert.ok(!existsSync(join(installed, folder)), folder);
});

test("modules are small enough to be fetched", () => {
    for (const name of ["simd", "plain"]) {
        const packed = brotliCompressSync(readFileSync(join(installed, `dist/residua-${name}.wasm`))).length;
        assert.ok(packed < 900000, `residua-${name}.wasm: ${packed} bytes`);
    }
});

test("the README's example", () => {
    const [, example] = /```js\n([\s\S]*?)```/.exec(readFileSync(join(installed, "README.md"), "utf8"));
    assert.ok(example.trim().split("\n").length <= 10);
    writeFileSync(join(folder, "example.js"), example);
    const said = execFileSync(process.execPath, ["example.js"], {
        cwd: folder,
        encoding: "utf8",
        timeout: 120000,
    });
    assert.match(said, /^320 x 200, \d+ bytes by (olm|scc)\ntrue truncated\n$/);
});

test("the element can be imported where there is no page", () => {
    writeFileSync(
        join(folder, "element.js"),
        'import { ResiduaImage, observe } from "residua/img"; console.log(typeof ResiduaImage, typeof observe);',
    );
    assert.equal(
        execFileSync(process.execPath, ["element.js"], { cwd: folder, encoding: "utf8" }),
        "function function\n",
    );
});

test("works where it was copied to", () => {
    const elsewhere = join(folder, "else where");
    cpSync(installed, elsewhere, { recursive: true });
    const program =
        'const r = await import("./lib/index.js"); const f = await r.encodeSamples({width: 3, height: 2, colour: "grey", data: new Uint8Array([1, 2, 3, 4, 5, 6])}); console.log([...(await r.decodeSamples(f)).data].join());';
    assert.equal(
        execFileSync(process.execPath, ["--input-type=module", "-e", program], {
            cwd: elsewhere,
            encoding: "utf8",
        }),
        "1,2,3,4,5,6\n",
    );
});
