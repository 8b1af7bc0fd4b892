// Node's ssh2-sftp-client: steps come in, one a line, fields parted by tabs; answers go out the same way.
// Arguments: MODULES PORT USER KEY_FILE HOST_KEY (in base64).
import fs from "node:fs";
import { createRequire } from "node:module";

const [modules, port, username, keyFile, hostKey] = process.argv.slice(2);
const Client = createRequire(`${modules}/`)("ssh2-sftp-client");
const client = new Client();

const verbs = {
  put: (local, remote) => client.put(local, remote),
  get: (remote, local) => client.get(remote, local),
  rename: (old, name) => client.rename(old, name),
  tree: (local, remote) => client.uploadDir(local, remote),
  resume: async (local, remote) => {
    const { size } = await client.stat(remote);
    await client.append(fs.createReadStream(local, { start: size }), remote);
  },
  stat: async (remote) => {
    const found = await client.stat(remote);
    console.log(`stat\t${found.size}\t${found.modifyTime / 1000}`);
  },
  names: async (folder) => {
    for (const found of await client.list(folder)) console.log(`name\t${found.name}`);
  },
};

await client.connect({
  host: "127.0.0.1",
  port,
  username,
  privateKey: fs.readFileSync(keyFile),
  hostVerifier: (key) => key.toString("base64") === hostKey,
  algorithms: { serverHostKey: ["ssh-ed25519"] },
});
try {
  for (const line of fs.readFileSync(0, "utf8").split("\n").filter(Boolean)) {
    const [verb, ...places] = line.split("\t");
    await verbs[verb](...places);
  }
} finally {
  await client.end();
}
