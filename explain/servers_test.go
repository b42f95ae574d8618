package explain

import (
	"net/http"
	"path/filepath"
	"strings"

	"github.com/corsac-cors/corsac/internal/lab"
	"github.com/corsac-cors/corsac/policyfile"
)

type (
	httpWriter  = http.ResponseWriter
	httpRequest = http.Request
)

func runNginx(b *bench) string {
	// The map belongs into http { }, the rest into server { }, as the text says.
	before, config, found := strings.Cut(b.config, "# in server { }:\n")
	if !found {
		before, config = "", b.config
	}
	if config == "" {
		config = "location / { proxy_pass http://UPSTREAM; }"
	}
	config = strings.Replace(config, "# … proxy_pass as before;", "proxy_pass http://UPSTREAM; #", 1)
	config = strings.ReplaceAll(config, "UPSTREAM", b.upstream)
	return "http://" + lab.Nginx(b, before+"\nserver { listen ADDRESS;\n"+config+"\n}", nil)
}

func runApache(b *bench) string {
	return b.serve("apache", map[string]string{"apache.conf": `
PidFile DIR/pid
Mutex file:DIR
ErrorLog /dev/stderr
DocumentRoot /usr/share
ServerName localhost
User www-data
Group www-data
Listen ADDRESS
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule headers_module /usr/lib/apache2/modules/mod_headers.so
LoadModule setenvif_module /usr/lib/apache2/modules/mod_setenvif.so
LoadModule rewrite_module /usr/lib/apache2/modules/mod_rewrite.so
LoadModule proxy_module /usr/lib/apache2/modules/mod_proxy.so
LoadModule proxy_http_module /usr/lib/apache2/modules/mod_proxy_http.so
ProxyPass / http://UPSTREAM/
CONFIG
`}, "-d", "DIR", "-f", "DIR/apache.conf", "-DFOREGROUND")
}

func runCaddy(b *bench) string {
	return b.serve("caddy", map[string]string{"Caddyfile": "{\n\tadmin off\n\tauto_https off\n}\nhttp://ADDRESS {\nCONFIG\nreverse_proxy UPSTREAM\n}\n"},
		"run", "--config", "DIR/Caddyfile", "--adapter", "caddyfile")
}

func runHAProxy(b *bench) string {
	return b.serve("haproxy", map[string]string{"haproxy.cfg": `
defaults
    mode http
    retries 0
    timeout connect 2m
    timeout client 2m
    timeout server 2m
frontend web
    bind ADDRESS
    default_backend api
CONFIG
backend api
    server api UPSTREAM
`}, "-db", "-f", "DIR/haproxy.cfg")
}

func runLighttpd(b *bench) string {
	return b.serve("lighttpd", map[string]string{"lighttpd.conf": `
server.document-root = "/usr/share"
server.bind = "127.0.0.1"
server.port = PORT
server.modules += ( "mod_proxy" )
proxy.server = ( "" => (( "host" => "127.0.0.1", "port" => UPSTREAMPORT )) )
CONFIG
`}, "-D", "-f", "DIR/lighttpd.conf")
}

func runVarnish(b *bench) string {
	return b.serve("varnish", map[string]string{"default.vcl": `
vcl 4.1;
backend default { .host = "127.0.0.1"; .port = "UPSTREAMPORT"; }
CONFIG
`}, "-F", "-j", "none", "-a", "ADDRESS", "-f", "DIR/default.vcl", "-n", "DIR/varnish", "-s", "malloc,16m")
}

// runTraefik has the text of the fix beside a file of its own: Traefik reads a
// directory.
func runTraefik(b *bench) string {
	named := ""
	if b.config != "" {
		named = "middlewares: [cors]"
	}
	url := b.serve("traefik", map[string]string{"own.yaml": "http:\n  routers:\n    api:\n      rule: PathPrefix(`/`)\n      service: api\n      " + named + `
  services:
    api:
      loadBalancer:
        servers:
          - url: http://UPSTREAM
`, "cors.yaml": "CONFIG\n"}, "--entrypoints.web.address=ADDRESS", "--providers.file.directory=DIR", "--log.level=ERROR")
	for b.Context().Err() == nil { // it listens before it has read
		answer, err := client.Get(url)
		if err != nil {
			b.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusNotFound {
			break
		}
	}
	return url
}

// runWorker gives a Worker the requests that Cloudflare would.
func runWorker(b *bench) string {
	return b.serve("node", map[string]string{"worker.mjs": "CONFIG\n", "serve.mjs": `
import http from 'node:http'
import worker from './worker.mjs'
http.createServer(async (req, res) => {
  const headers = new Headers(req.headers)
  for (const name of ['host', 'connection', 'keep-alive']) headers.delete(name)
  const response = await worker.fetch(new Request('http://UPSTREAM' + req.url, { method: req.method, headers }))
  res.writeHead(response.status, [...response.headers])
  res.end(Buffer.from(await response.arrayBuffer()))
}).listen(PORT, '127.0.0.1')
`}, "DIR/serve.mjs")
}

// runExpress takes Express and its cors package from the user's cache, where
// ./test has put them.
func runExpress(b *bench) string {
	modules := filepath.Dir(filepath.Dir(lab.Path(b, "express5")))
	return b.serve("node", map[string]string{"app.js": `
process.chdir('DIR')
module.paths.unshift('` + modules + `')
const app = require('express5')()
CONFIG
app.all('/x', (req, res) => { res.send('hi') })
app.listen(PORT, '127.0.0.1')
`}, "DIR/app.js")
}

func runPHP(b *bench) string {
	return b.serve("php", map[string]string{"index.php": "<?php\nCONFIG\necho 'hi';\n"}, "-S", "ADDRESS", "-t", "DIR", "DIR/index.php")
}

func runGo(b *bench) string {
	config := b.config
	if config == "" {
		config = "log.Fatal(http.ListenAndServe(addr, mux))"
	}
	imports := ""
	if b.config != "" {
		imports = `"github.com/corsac-cors/corsac"`
	}
	address := freeAddress(b)
	program := build(b.T, `package main

import (
	"log"
	"net/http"
	`+imports+`
)

func main() {
	addr := "`+address+`"
	mux := http.NewServeMux()
	mux.HandleFunc("GET /x", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("DELETE /x", func(http.ResponseWriter, *http.Request) {})
	`+config+`
}
`)
	lab.Serve(b, address, program, func(string) ([]string, error) { return nil, nil })
	return "http://" + address
}

func runFastAPI(b *bench) string {
	return b.serve("python", map[string]string{"main.py": `
from fastapi import FastAPI
import uvicorn
app = FastAPI()
CONFIG
@app.api_route("/x", methods=["GET", "DELETE"])
def x(): return "hi"
uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")
`}, "DIR/main.py")
}

func runFlask(b *bench) string {
	return b.serve("python", map[string]string{"app.py": `
from flask import Flask
app = Flask(__name__)
CONFIG
@app.route("/x", methods=["GET", "DELETE"])
def x(): return "hi"
app.run(host="127.0.0.1", port=PORT)
`}, "DIR/app.py")
}

func runDjango(b *bench) string {
	return b.serve("python", map[string]string{"site.py": `
import django
from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.urls import path
ALLOWED_HOSTS = ["*"]
DEBUG = True
INSTALLED_APPS = []
MIDDLEWARE = ["django.middleware.common.CommonMiddleware", "django.middleware.clickjacking.XFrameOptionsMiddleware"]
ROOT_URLCONF = __name__
SECRET_KEY = "x"
CONFIG
settings.configure(**{name: value for name, value in globals().items() if name.isupper()})
django.setup()
urlpatterns = [path("x", lambda request: HttpResponse("hi"))]
execute_from_command_line(["site.py", "runserver", "--noreload", "ADDRESS"])
`}, "DIR/site.py")
}

func runRails(b *bench) string {
	return b.serve("ruby", map[string]string{"app.rb": `
require "rails"
require "action_controller/railtie"
class App < Rails::Application
  config.eager_load = false
  config.hosts.clear
  config.logger = Logger.new($stderr)
  config.secret_key_base = "x" * 40
  routes.append { match "/x", to: "x#x", via: :all }
end
CONFIG
class XController < ActionController::API
  def x; render plain: "hi"; end
end
Rails.application.initialize!
require "rack/handler/webrick"
Rack::Handler::WEBrick.run(Rails.application, Host: "127.0.0.1", Port: PORT)
`}, "DIR/app.rb")
}

// runSpring compiles the bean and puts it before a servlet.
func runSpring(b *bench) string {
	jars := func(names ...string) (path string) {
		for _, name := range names {
			path += ":/usr/share/java/" + name + ".jar"
		}
		return path
	}
	return b.serve("java", map[string]string{"App.java": `
import java.util.List;
import javax.servlet.http.*;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.*;
import org.springframework.context.annotation.Bean;
import org.springframework.web.cors.*;
import org.springframework.web.filter.CorsFilter;
public class App {
CONFIG
    public static void main(String[] args) throws Exception {
        var tomcat = new Tomcat();
        tomcat.setBaseDir("DIR");
        tomcat.setPort(PORT);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        var context = tomcat.addContext("", "DIR");
        Tomcat.addServlet(context, "x", new HttpServlet() {
            public void doGet(HttpServletRequest request, HttpServletResponse response) {}
            public void doDelete(HttpServletRequest request, HttpServletResponse response) {}
        });
        context.addServletMappingDecoded("/x", "x");
        var filter = new FilterDef();
        filter.setFilterName("cors");
        filter.setFilter(new App().corsFilter());
        context.addFilterDef(filter);
        var map = new FilterMap();
        map.setFilterName("cors");
        map.addURLPattern("/*");
        context.addFilterMap(map);
        tomcat.start();
        tomcat.getServer().await();
    }
}
`}, "-cp", "DIR"+jars("spring3-web", "spring3-context", "spring3-core", "spring3-beans", "commons-logging", "tomcat9-catalina", "tomcat9-servlet-api", "tomcat9-coyote",
		"tomcat9-util", "tomcat9-util-scan", "tomcat9-juli", "tomcat9-jni", "tomcat9-api", "tomcat9-annotations-api", "tomcat9-jaspic-api", "tomcat9-el-api", "tomcat9-jsp-api"), "DIR/App.java")
}

func runCorsac(b *bench) string {
	f, err := policyfile.Parse("corsac.yaml", []byte(b.config))
	if err != nil {
		b.Fatalf("%v\n%s", err, b.config)
	}
	return start(b.T, f.Policy.Wrap(bare).ServeHTTP).URL
}
