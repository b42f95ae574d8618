// Serves apps that have an exported module before them, each on a port of its
// own: POST / with {"module", "framework", "auth"} answers the port.
//
//   node host.cjs ADDRESS NODE_MODULES
//
// All apps answer as api_test.go has it, each framework in its own words.
"use strict";

const http = require("node:http");
const path = require("node:path");

const [address, modules] = process.argv.slice(2);
const [hostname, port] = address.split(":");
const own = {
  "Access-Control-Allow-Origin": "https://wrong.example",
  "Access-Control-Allow-Credentials": "true",
  "Access-Control-Expose-Headers": "X-Wrong",
  Vary: "Accept-Encoding",
};
const lines = {
  "Access-Control-Allow-Origin": ["https://wrong.example", "*"],
  "Access-Control-Allow-Methods": "GET",
  Vary: ["Accept-Encoding", "Cookie, ORIGIN"],
};

const apps = { express4: inExpress, express5: inExpress, node: inNode };

http
  .createServer((req, res) => {
    let body = "";
    req.on("data", (data) => (body += data));
    req.on("end", () => {
      const { module, framework, auth } = JSON.parse(body);
      const corsac = require(module);
      const server = apps[framework](corsac, auth, framework);
      server.on("upgrade", (req, socket) => socket.end("HTTP/1.1 200 OK\r\nX-Reached: upgrade\r\nConnection: close\r\n\r\n"));
      corsac.guard?.(server);
      server.listen(0, hostname, () => res.end(String(server.address().port)));
    });
  })
  .listen(Number(port), hostname);

function inExpress(corsac, auth, framework) {
  const express = require(path.join(modules, framework));
  const app = express();
  app.set("env", "test"); // which does not print errors
  app.use(corsac);
  if (auth) app.use((req, res) => res.set("WWW-Authenticate", "Basic").sendStatus(401));
  app.use("/down/", () => {
    throw new Error("the database is down");
  });
  app.use((req, res) => {
    res.set("X-Reached", req.method + " " + req.path);
    res.set("ETag", '"1"');
    if (req.query.bare === undefined) res.header(own);
    if (req.query.lines !== undefined) res.header(lines);
    const status = Number(req.query.status ?? 200);
    if (status >= 300 && status < 400 && status !== 304) return res.redirect(status, "/elsewhere");
    if (status === 204) return res.status(status).end();
    res.status(status).send("hello");
  });
  return http.createServer(app);
}

// Without Express, headers are often said to writeHead, as an object or a list.
function inNode(corsac, auth) {
  return http.createServer((req, res) =>
    corsac(req, res, () => {
      if (auth) return res.writeHead(401, "Who are you", { "WWW-Authenticate": "Basic" }).end();
      if (req.url.startsWith("/down/")) return res.writeHead(502).end();
      const query = new URLSearchParams(req.url.split("?")[1]);
      const headers = { "X-Reached": req.method + " " + req.url, ETag: '"1"', ...(query.has("bare") ? {} : own), ...(query.has("lines") ? lines : {}) };
      const status = Number(query.get("status") ?? 200);
      if (status >= 300 && status < 400 && status !== 304) headers.Location = "/elsewhere";
      if (status === 200) {
        for (const name in headers) res.setHeader(name, headers[name]);
        res.end("hello");
      } else if (status % 2 === 0) {
        res.setHeader("Vary", "Accept-Encoding");
        res.writeHead(status, Object.entries(headers).flat()).end();
      } else {
        res.writeHead(status, headers).end();
      }
    }),
  );
}
