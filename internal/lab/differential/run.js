// The page's half of the differential test: runs the cases of /batch, several at once, and returns what
// its scripts got. The sandboxed frame runs the same code for cases with an opaque origin.
"use strict";

async function byFetch(call) {
	const init = { headers: call.header ?? [] };
	for (const option of ["method", "body", "mode", "credentials", "redirect", "cache", "referrerPolicy"])
		if (call[option] !== undefined) init[option] = call[option];
	const response = await fetch(call.url, init);
	return {
		ok: true, type: response.type, status: response.status, url: response.url, redirected: response.redirected,
		header: [...response.headers], body: await response.text(),
	};
}

function byXHR(call) {
	return new Promise((resolve, reject) => {
		const xhr = new XMLHttpRequest();
		xhr.open(call.method ?? "GET", call.url);
		xhr.responseType = "text";
		for (const [name, value] of call.header ?? []) xhr.setRequestHeader(name, value);
		xhr.withCredentials = call.credentials === "include";
		if (call.upload) xhr.upload.onprogress = () => {};
		xhr.onloadend = () => {
			if (xhr.status === 0) return reject();
			const lines = xhr.getAllResponseHeaders().split("\r\n").filter(line => line !== "");
			const header = lines.map(line => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]);
			resolve({ ok: true, type: "xhr", status: xhr.status, url: xhr.responseURL, redirected: false, header, body: xhr.responseText });
		};
		xhr.send(call.body);
	});
}

// What takes longer never ends.
const patience = 15000;

async function runCase(calls) {
	const results = [];
	for (const call of calls) {
		if (call.wait) await new Promise(resolve => setTimeout(resolve, call.wait));
		const done = (call.xhr ? byXHR : byFetch)(call).catch(() => ({ ok: false }));
		const late = new Promise(resolve => setTimeout(resolve, patience, { ok: true, type: "never", status: 0, url: "" }));
		results.push(await Promise.race([done, late]));
	}
	return results;
}

// In the frame: cases come as messages, and go back so.
if (parent !== window)
	addEventListener("message", async ({ data }) => parent.postMessage({ n: data.n, results: await runCase(data.calls) }, "*"));

// In the page.
const waiting = new Map();
let frame, frameReady;

function openFrame() {
	frameReady = new Promise(resolve => {
		frame = document.createElement("iframe");
		frame.sandbox = "allow-scripts";
		frame.srcdoc = `<!DOCTYPE html><script src="${location.origin}/run.js"></` + "script>";
		frame.onload = resolve;
		document.body.append(frame);
	});
	addEventListener("message", ({ data }) => {
		waiting.get(data.n)(data.results);
		waiting.delete(data.n);
	});
}

async function runInFrame(n, calls) {
	await frameReady;
	return new Promise(resolve => {
		waiting.set(n, resolve);
		frame.contentWindow.postMessage({ n, calls }, "*");
	});
}

// Five at once and no more: Chromium keeps the connection of a redirected request while it asks the next
// hop for permission, on another one. Six such requests to a host have all the connections that it allows
// for one, and wait for each other for good.
const atOnce = 5;

async function runBatch() {
	const batch = await (await fetch("/batch")).json();
	const results = [];
	let next = 0;
	async function work() {
		while (next < batch.length) {
			const n = next++;
			results[n] = await (batch[n].sandboxed ? runInFrame(n, batch[n].calls) : runCase(batch[n].calls));
		}
	}
	await Promise.all(Array.from({ length: atOnce }, work));
	return results;
}
