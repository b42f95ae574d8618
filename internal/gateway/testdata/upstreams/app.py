"""An API and files for a gateway to stand in front of: app.py wsgiref|uvicorn|files HOST PORT"""

import asyncio
import functools
import hashlib
import http.server
import socketserver
import sys
import time
import wsgiref.simple_server


def answer(method, path, query, body):
    """The status, the header, and the body as bytes, or as pieces whose length is not said."""

    def whole(body, status=200, more=()):
        return status, [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), *more], body

    match path:
        case "/plain":
            return whole(b"hello\n")
        case "/nothing":
            return whole(b"")
        case "/pieces":
            return 200, [], [b"one,", b"two,", b"three\n"]
        case "/large":
            return whole((b"0123456789abcdef." * 61681)[: 1 << 20])
        case "/lines":
            return whole(b"head\n", 200, [("X-Line-%d" % i, "v" * 200) for i in range(200)])
        case "/cookies":
            return whole(b"", 200, [("Set-Cookie", c) for c in ("a=1; Path=/", "b=2; Expires=Wed, 21 Oct 2037 07:28:00 GMT", "c=")])
        case "/redirect":
            return whole(b"", 302, [("Location", "/plain")])
        case "/status":
            code = int(query.removeprefix("code="))
            return (code, [], b"") if code in (204, 304) else whole(b"", code)
        case "/events":
            return 200, [("Content-Type", "text/event-stream")], events()
        case "/echo":
            body = body()
            return whole(b"%s %d %s\n" % (method.encode(), len(body), hashlib.sha256(body).hexdigest().encode()))
        case "/refuse":
            return whole(b"too large\n", 413)
        case "/cut":
            return 200, [("Content-Length", "10")], cut()
        case "/cut-pieces":
            return 200, [], cut()
    return whole(b"not found\n", 404)


def events():
    for i in range(3):
        yield b"data: %d\n\n" % i
        time.sleep(0.005)


def cut():
    yield b"half"
    raise ConnectionError("cut")


def wsgi(environ, start_response):
    def body():
        return environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))

    method = environ["REQUEST_METHOD"]
    status, header, content = answer(method, environ["PATH_INFO"], environ["QUERY_STRING"], body)
    start_response("%d Status" % status, header)
    if method == "HEAD":
        return []
    return [content] if isinstance(content, bytes) else content


async def asgi(scope, receive, send):
    async def read():
        pieces = []
        while True:
            message = await receive()
            pieces.append(message.get("body", b""))
            if not message.get("more_body"):
                return b"".join(pieces)

    body = await read() if scope["path"] == "/echo" else b""
    status, header, content = answer(scope["method"], scope["path"], scope["query_string"].decode(), lambda: body)
    await send({"type": "http.response.start", "status": status, "headers": [(n.encode(), v.encode()) for n, v in header]})
    for piece in [content] if isinstance(content, bytes) else content:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(0)
    await send({"type": "http.response.body"})


class Server(socketserver.ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    daemon_threads = True
    request_queue_size = 100


kind, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
if kind == "wsgiref":
    wsgiref.simple_server.make_server(host, port, wsgi, Server).serve_forever()
elif kind == "uvicorn":
    import uvicorn

    uvicorn.run(asgi, host=host, port=port, log_level="critical", timeout_keep_alive=5)
elif kind == "files":
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory="www")
    http.server.ThreadingHTTPServer((host, port), handler).serve_forever()
