# Serves FastAPI applications with an exported module around them, each on a port
# of its own: POST / with {"module", "auth"} answers the port.
#
#   python3 host.py ADDRESS
#
# All applications answer as api_test.go has it.

import asyncio
import importlib.util
import json
import sys

import uvicorn
from fastapi import FastAPI, Request, Response, WebSocket
from fastapi.responses import RedirectResponse
from starlette.types import Receive, Scope, Send

own = {
    "Access-Control-Allow-Origin": "https://wrong.example",
    "Access-Control-Allow-Credentials": "true",
    "Access-Control-Expose-Headers": "X-Wrong",
    "Vary": "Accept-Encoding",
}


def respond(request: Request) -> Response:
    status = int(request.query_params.get("status", 200))
    if 300 <= status < 400 and status != 304:
        response = RedirectResponse("/elsewhere", status)
    else:
        response = Response(None if status in (204, 304) else "hello", status)
    response.headers["X-Reached"] = request.method + " " + request.scope["raw_path"].decode()
    response.headers["ETag"] = '"1"'
    if "bare" not in request.query_params:
        response.headers.update(own)
    if "lines" in request.query_params:
        response.headers.append("Access-Control-Allow-Origin", "*")
        response.headers.append("Access-Control-Allow-Methods", "GET")
        response.headers.append("Vary", "Cookie, ORIGIN")
    return response


# A route has methods; this has all.
async def api(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["path"].startswith("/down/"):
        raise RuntimeError("the database is down")
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept", "headers": [(b"x-reached", b"socket")]})
        await send({"type": "websocket.close"})
        return
    await respond(Request(scope))(scope, receive, send)


def make(auth: bool) -> FastAPI:
    app = FastAPI()
    if auth:

        @app.middleware("http")
        async def ask(request, call_next):
            return Response(status_code=401, headers={"WWW-Authenticate": "Basic"})

    @app.websocket("/strict/socket")
    async def socket(socket: WebSocket):
        await socket.accept()
        await socket.close()

    app.mount("/", api)
    return app


class Server(uvicorn.Server):
    def install_signal_handlers(self):  # there are many in one process
        pass


async def serve(app, host, port) -> int:
    server = Server(uvicorn.Config(app, host=host, port=port, log_config=None, access_log=False, lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        if task.done():
            raise RuntimeError("the server has ended")
        await asyncio.sleep(0.001)
    return server.servers[0].sockets[0].getsockname()[1]


hosts = FastAPI()


@hosts.post("/")
async def host(request: Request):
    wish = json.loads(await request.body())
    spec = importlib.util.spec_from_file_location("corsac", wish["module"])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Response(str(await serve(module.Corsac(make(wish["auth"])), "127.0.0.1", 0)))


async def main(address):
    name, port = address.split(":")
    await serve(hosts, name, int(port))
    await asyncio.Event().wait()


asyncio.run(main(sys.argv[1]))
