// Writes models.json: name, hash and file of each model beside the module, which files and efforts ask for.
//
//     node catalogue.js FOLDER NAME...
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { Codec } from "../lib/codec.js";

const [folder, ...names] = process.argv.slice(2);
const base = pathToFileURL(`${folder}/`);
writeFileSync(new URL("models.json", base), "[]");
const codec = new Codec({ base, variant: "plain" });
await codec.open();
const models = [];
for (const name of names) {
    const [hash, found] = (await codec.addModel(readFileSync(new URL(`${name}.rsm`, base)))).split(" ");
    if (found !== name) throw new Error(`${name}.rsm calls itself ${found}`);
    models.push({ name, hash, file: `${name}.rsm` });
}
writeFileSync(new URL("models.json", base), `${JSON.stringify(models, null, 1)}\n`);
