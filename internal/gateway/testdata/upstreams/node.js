// An API for a gateway to stand in front of: node node.js HOST PORT
const http = require("node:http");
const crypto = require("node:crypto");

const paths = {
	"/plain": (q, r) => r.end("hello\n"),
	"/nothing": (q, r) => r.end(),
	"/pieces": (q, r) => {
		r.write("one,");
		r.write("two,");
		r.end("three\n");
	},
	"/large": (q, r) => r.end(Buffer.alloc(1 << 20, "0123456789abcdef.")),
	"/lines": (q, r) => {
		for (let i = 0; i < 200; i++) r.setHeader("X-Line-" + i, "v".repeat(200));
		r.end("head\n");
	},
	"/cookies": (q, r) => {
		r.setHeader("Set-Cookie", ["a=1; Path=/", "b=2; Expires=Wed, 21 Oct 2037 07:28:00 GMT", "c="]);
		r.end();
	},
	"/redirect": (q, r) => r.writeHead(302, { Location: "/plain" }).end(),
	"/status": (q, r, query) => r.writeHead(+query.get("code")).end(),
	"/events": (q, r) => {
		r.writeHead(200, { "Content-Type": "text/event-stream" });
		let n = 0;
		const next = () => n < 3 ? (r.write(`data: ${n++}\n\n`), setTimeout(next, 5)) : r.end();
		next();
	},
	// Says what it has read.
	"/echo": (q, r) => {
		const sum = crypto.createHash("sha256");
		let size = 0;
		q.on("data", (b) => { sum.update(b); size += b.length; });
		q.on("end", () => r.end(`${q.method} ${size} ${sum.digest("hex")}\n`));
	},
	// Answers before it has read anything.
	"/refuse": (q, r) => r.writeHead(413, { Connection: "close" }).end("too large\n"),
	"/hints": (q, r) => {
		r.writeEarlyHints({ link: "</style.css>; rel=preload" });
		r.end("hints\n");
	},
	"/trailer": (q, r) => {
		r.writeHead(200, { Trailer: "X-Sum" });
		r.write("body\n");
		r.addTrailers({ "X-Sum": "1" });
		r.end();
	},
	// What is written first has to be sent before the connection is cut.
	"/cut": (q, r) => {
		r.writeHead(200, { "Content-Length": 10 });
		r.write("half", () => r.destroy());
	},
	"/cut-pieces": (q, r) => r.write("half", () => r.destroy()),
};

function serve(q, r) {
	const url = new URL(q.url, "http://host");
	if (!r.hasHeader("Content-Type")) r.setHeader("Content-Type", "text/plain");
	(paths[url.pathname] || ((q, r) => r.writeHead(404).end("not found\n")))(q, r, url.searchParams);
}

// Short frames only, one a packet, are sent back without their masks.
function echo(q, socket) {
	const accept = crypto.createHash("sha1").update(q.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
	socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
	socket.on("error", () => {});
	socket.on("data", (b) => {
		const data = b.subarray(6).map((byte, i) => byte ^ b[2 + i % 4]);
		socket.write(Buffer.concat([Buffer.from([b[0], data.length]), data]));
		if ((b[0] & 0x0f) === 8) socket.end();
	});
}

const server = http.createServer(serve);
server.on("checkContinue", (q, r) => {
	if (q.url !== "/refuse") r.writeContinue();
	serve(q, r);
});
server.on("upgrade", echo);
server.listen(process.argv[3], process.argv[2]);
