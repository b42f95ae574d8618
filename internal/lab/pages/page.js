// What pages do with a server, and what they see of it: one line for each thing, by its name.
async (server) => {
	const seen = {};
	const read = async (response) => `${response.status} ${response.redirected ? "redirected " : ""}${(await response.text()).slice(0, 60)}`;
	const ask = (path, options) => fetch(server + path, options).then(read).catch(() => "nothing");
	const event = (target, name) => new Promise((done) => target.addEventListener(name, done, {once: true}));
	performance.setResourceTimingBufferSize(1000);

	for (const status of [200, 201, 204, 205, 206, 300, 304, 400, 401, 403, 404, 405, 409, 410, 413, 418, 421, 422, 425, 429, 451, 500, 501, 502, 503, 504, 599]) {
		seen[`status ${status}`] = await ask(`/status/${status}`);
	}
	for (const method of ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "QUERY"]) {
		seen[`method ${method}`] = await ask("/echo", {method});
	}
	for (const status of [301, 302, 303, 307, 308]) {
		for (const [method, body] of [["GET"], ["POST", "text"], ["PUT", "text"]]) {
			seen[`${method}, redirected by ${status}`] = await ask(`/redirect/${status}`, {method, body});
		}
	}
	seen["redirect refused"] = await ask("/redirect/302", {redirect: "error"});
	seen["redirect by hand"] = await fetch(server + "/redirect/302", {redirect: "manual"}).then((response) => response.type);

	// Requests with bodies.
	const form = new FormData();
	form.set("a", "b");
	form.set("file", new Blob([new Uint8Array(300_000)]), "file.bin");
	for (const [what, options] of Object.entries({
		"no body": {},
		"JSON": {body: "{}", headers: {"Content-Type": "application/json"}},
		"URL-encoded": {body: new URLSearchParams({a: 1})},
		"form with a file": {body: form},
		"3 MiB": {body: new Blob([new Uint8Array(3 << 20)])},
		"body of DELETE": {method: "DELETE", body: "text"},
		"kept alive": {body: "text", keepalive: true},
	})) {
		seen[what] = await ask("/echo", {method: "POST", ...options});
	}
	seen["beacon"] = String(navigator.sendBeacon(server + "/echo", new Blob(["{}"], {type: "application/json"})));
	const xhr = new XMLHttpRequest();
	let progress = 0;
	xhr.upload.onprogress = () => progress++;
	xhr.open("POST", server + "/echo");
	xhr.send(new Uint8Array(1 << 20));
	await event(xhr, "loadend");
	seen["XMLHttpRequest"] = `${xhr.status} ${xhr.responseText}, upload ${progress > 0 ? "watched" : "not watched"}`;

	// Responses.
	const headers = (await fetch(server + "/headers")).headers;
	seen["headers"] = ["Cache-Control", "Content-Language", "Content-Type", "Content-Length", "Expires", "Last-Modified", "X-Exposed", "Content-Disposition"]
		.map((name) => `${name}: ${headers.get(name)}`).join("; ");
	seen["challenge"] = (await fetch(server + "/challenge")).headers.get("WWW-Authenticate");
	seen["gzip"] = await ask("/gzip");
	seen["range"] = await ask("/range", {headers: {Range: "bytes=5-9"}});
	seen["5 MiB"] = String((await (await fetch(server + "/long")).arrayBuffer()).byteLength);
	seen["after early hints"] = await ask("/hints");
	seen["not cached yet"] = await ask("/tagged");
	for (const cache of ["default", "no-cache", "no-store", "reload", "force-cache"]) {
		seen[`cache: ${cache}`] = await ask("/tagged", {cache});
	}
	seen["conditional"] = await ask("/tagged", {headers: {"If-None-Match": '"v1"'}});

	// Streams, and their ends.
	const reader = (await fetch(server + "/parts?longer")).body.getReader();
	seen["first part"] = new TextDecoder().decode((await reader.read()).value);
	await reader.cancel();
	seen["all parts"] = await ask("/parts");
	seen["cut, of a length"] = await ask("/cut?length");
	seen["cut, in chunks"] = await ask("/cut");
	const controller = new AbortController();
	const parts = await fetch(server + "/parts", {signal: controller.signal});
	controller.abort();
	seen["given up"] = await parts.text().catch((e) => e.name);
	const events = new EventSource(server + "/events");
	const ids = [];
	while (ids.length < 3) {
		ids.push((await event(events, "message")).data);
	}
	events.close();
	seen["events, connected again twice"] = ids.join(", ");

	const socket = new WebSocket(server.replace("http", "ws") + "/socket", ["chat", "users"]);
	socket.binaryType = "arraybuffer";
	await event(socket, "open");
	socket.send("text");
	const text = (await event(socket, "message")).data;
	socket.send(new Uint8Array(100_000));
	const bytes = (await event(socket, "message")).data.byteLength;
	socket.send("close");
	const {code, reason, wasClean} = await event(socket, "close");
	seen["WebSocket"] = [socket.protocol, text, bytes, code, reason, wasClean].join();

	// Elements and modules.
	const image = new Image();
	image.crossOrigin = "anonymous";
	image.src = server + "/image";
	await event(image, "load");
	const canvas = document.createElement("canvas").getContext("2d");
	canvas.drawImage(image, 0, 0);
	seen["pixel"] = canvas.getImageData(0, 0, 1, 1).data.join();
	seen["module"] = String((await import(server + "/module.js")).default);
	const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode("export default 42"));
	seen["integrity"] = await ask("/module.js", {integrity: "sha256-" + btoa(String.fromCharCode(...new Uint8Array(digest)))});
	seen["timing"] = String(performance.getEntriesByName(server + "/long").at(-1).requestStart > 0);

	seen["60 at a time"] = [...new Set(await Promise.all(Array.from({length: 60}, (_, i) => ask(`/echo?${i}`, {method: "PUT"}))))].join();
	return seen;
}
