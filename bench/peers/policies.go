package main

import (
	"fmt"
	"strings"
)

// One policy, in the languages of the gateway and of nginx: a hundred tenants,
// credentials, two methods, two headers, one exposed.

func tenants() []string {
	origins := make([]string, 100)
	for i := range origins {
		origins[i] = fmt.Sprintf("https://tenant%03d.example.net", i)
	}
	return origins
}

func corsacYAML(listen, api string) string {
	var b strings.Builder
	b.WriteString("rules:\n  - path: /\n    origins:\n")
	for _, o := range tenants() {
		fmt.Fprintf(&b, "      - %s\n", o)
	}
	fmt.Fprintf(&b, `    methods: [DELETE, PUT]
    headers: [Authorization, Content-Type]
    expose: [TotalItemsCount]
    credentials: true
    max-age: 2h
gateway:
  listen: %s
  upstream: http://%s
  log:
    requests: false
`, listen, api)
	return b.String()
}

// nginxConf is a whole configuration, of one process.
func nginxConf(maps, server string) string {
	return `daemon off;
master_process off;
pid nginx.pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
	access_log off;
	keepalive_requests 1000000000;
	client_body_temp_path body;
	proxy_temp_path proxy;
	fastcgi_temp_path fastcgi;
	uwsgi_temp_path uwsgi;
	scgi_temp_path scgi;
	map_hash_bucket_size 128;
` + maps + server + "}\n"
}

func apiServer(listen string) string {
	return fmt.Sprintf(`	server {
		listen %s;
		location / {
			default_type application/json;
			return 200 '{"users": "%s"}';
		}
	}
`, listen, strings.Repeat("x", 1024-len(`{"users": ""}`)))
}

// nginxMap has each value empty for other origins, as nginx leaves a header
// with an empty value out.
func nginxMap() string {
	var b strings.Builder
	for variable, value := range map[string]string{
		"$allow_origin":      "$http_origin",
		"$allow_credentials": `"true"`,
		"$expose":            `"TotalItemsCount"`,
	} {
		fmt.Fprintf(&b, "\tmap $http_origin %s {\n\t\tdefault \"\";\n", variable)
		for _, o := range tenants() {
			fmt.Fprintf(&b, "\t\t%q %s;\n", o, value)
		}
		b.WriteString("\t}\n")
	}
	b.WriteString(`	map $request_method:$http_origin:$http_access_control_request_method $preflight {
		default "";
		"~^OPTIONS:.+:.+$" "preflight:$allow_origin";
	}
`)
	return b.String()
}

func nginxServer(listen, api string) string {
	return fmt.Sprintf(`	upstream api {
		server %s;
		keepalive 64;
	}
	server {
		listen %s;
		location / {
			if ($preflight = "preflight:") {
				add_header Vary "Origin, Access-Control-Request-Method" always;
				return 403;
			}
			if ($preflight) {
				add_header Access-Control-Allow-Origin $allow_origin always;
				add_header Access-Control-Allow-Credentials $allow_credentials always;
				add_header Access-Control-Allow-Methods "DELETE, PUT" always;
				add_header Access-Control-Allow-Headers "Authorization, Content-Type" always;
				add_header Access-Control-Max-Age 7200 always;
				add_header Vary "Origin, Access-Control-Request-Method" always;
				return 204;
			}
			add_header Access-Control-Allow-Origin $allow_origin always;
			add_header Access-Control-Allow-Credentials $allow_credentials always;
			add_header Access-Control-Expose-Headers $expose always;
			add_header Vary Origin always;
			proxy_hide_header Access-Control-Allow-Origin;
			proxy_hide_header Access-Control-Allow-Credentials;
			proxy_hide_header Access-Control-Expose-Headers;
			proxy_http_version 1.1;
			proxy_set_header Connection "";
			proxy_set_header Host $host;
			proxy_set_header X-Forwarded-For $remote_addr;
			proxy_set_header X-Forwarded-Proto $scheme;
			proxy_set_header X-Forwarded-Host $http_host;
			proxy_pass http://api;
		}
	}
`, api, listen)
}
