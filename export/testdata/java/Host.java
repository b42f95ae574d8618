// Serves applications in Tomcat that have an exported filter before them, each
// on a port of its own: POST / with {"filter", "auth"} answers the port.
//
//   java -cp tomcat10-embed-core.jar:… Host.java ADDRESS
//
// The filter is registered as Spring Boot registers it, with Spring Boot's error
// page behind it. The application answers as api_test.go has it.

import com.sun.net.httpserver.HttpServer;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.tools.ToolProvider;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.ErrorPage;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

public class Host {
    public static void main(String[] args) throws Exception {
        Logger.getLogger("").setLevel(Level.OFF);
        String[] address = args[0].split(":");
        HttpServer server = HttpServer.create(new InetSocketAddress(address[0], Integer.parseInt(address[1])), 0);
        server.createContext("/", exchange -> {
            String wish = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            int status = 200;
            String said;
            try {
                Path source = Path.of(wish.replaceAll(".*\"filter\":\"([^\"]*)\".*", "$1"));
                said = String.valueOf(serve(source, wish.contains("\"auth\":true")));
            } catch (Exception e) {
                status = 500;
                said = e.toString();
            }
            byte[] body = said.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    static int serve(Path source, boolean auth) throws Exception {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(source.getParent().toString());
        tomcat.setPort(0);
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.getConnector().setProperty("minSpareThreads", "1");
        Context context = tomcat.addContext("", null);
        filter(context, "corsac", compile(source), "REQUEST", "ASYNC", "ERROR");
        if (auth) { // where Spring Security stands
            filter(context, "security", (request, response, chain) -> {
                HttpServletResponse answer = (HttpServletResponse) response;
                answer.setHeader("WWW-Authenticate", "Basic");
                answer.sendError(401);
            }, "REQUEST");
        }
        Tomcat.addServlet(context, "api", new Api()).setAsyncSupported(true);
        context.addServletMappingDecoded("/", "api");
        Tomcat.addServlet(context, "error", new Error());
        context.addServletMappingDecoded("/error", "error");
        ErrorPage page = new ErrorPage();
        page.setLocation("/error");
        context.addErrorPage(page);
        tomcat.start();
        return tomcat.getConnector().getLocalPort();
    }

    static void filter(Context context, String name, Filter filter, String... dispatchers) {
        FilterDef definition = new FilterDef();
        definition.setFilterName(name);
        definition.setFilter(filter);
        definition.setAsyncSupported("true");
        context.addFilterDef(definition);
        FilterMap map = new FilterMap();
        map.setFilterName(name);
        map.addURLPatternDecoded("/*");
        for (String dispatcher : dispatchers) {
            map.setDispatcher(dispatcher);
        }
        context.addFilterMap(map);
    }

    static Filter compile(Path source) throws Exception {
        Path classes = Files.createDirectories(source.resolveSibling("classes"));
        int status = ToolProvider.getSystemJavaCompiler().run(null, System.err, System.err,
                "-Xlint:all", "-Werror", "-proc:none", "-cp", System.getProperty("java.class.path"), "-d", classes.toString(), source.toString());
        if (status != 0) {
            throw new IllegalArgumentException(source + " does not compile");
        }
        URLClassLoader loader = new URLClassLoader(new URL[] {classes.toUri().toURL()}, Host.class.getClassLoader());
        return (Filter) loader.loadClass("CorsacFilter").getDeclaredConstructor().newInstance();
    }

    static final class Api extends HttpServlet {
        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException, ServletException {
            if (request.getRequestURI().startsWith("/down/")) {
                throw new ServletException("the database is down");
            }
            String query = request.getQueryString() == null ? "" : request.getQueryString();
            response.setHeader("X-Reached", request.getMethod() + " " + request.getRequestURI());
            response.setHeader("ETag", "\"1\"");
            if (!query.contains("bare")) {
                response.setHeader("Access-Control-Allow-Origin", "https://wrong.example");
                response.addHeader("Access-Control-Allow-Origin", "https://wrong.example");
                response.setHeader("Access-Control-Allow-Credentials", "true");
                response.setHeader("Access-Control-Expose-Headers", "X-Wrong");
                response.setIntHeader("Access-Control-Max-Age", 5);
                response.setHeader("Vary", "Accept-Encoding");
            }
            if (query.equals("lines")) {
                response.addHeader("Access-Control-Allow-Methods", "GET");
                response.addHeader("Vary", "Cookie, ORIGIN");
            }
            int status = query.startsWith("status=") ? Integer.parseInt(query.substring(7)) : 200;
            if (status == 429) {
                AsyncContext later = request.startAsync();
                later.start(() -> {
                    HttpServletResponse answer = (HttpServletResponse) later.getResponse();
                    answer.setHeader("Access-Control-Allow-Origin", "https://wrong.example");
                    answer.setStatus(status);
                    later.complete();
                });
            } else if (status >= 400 && status % 2 == 0) {
                response.sendError(status);
            } else if (status == 302) {
                response.sendRedirect("/elsewhere");
            } else if (status == 301) {
                response.setStatus(301);
                response.setHeader("Location", "/elsewhere");
            } else if (status == 204 || status == 304) {
                response.setStatus(status);
            } else {
                response.setStatus(status);
                response.getOutputStream().print("hello");
            }
        }
    }

    static final class Error extends HttpServlet {
        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.setContentType("application/json");
            response.getOutputStream().print("{}");
        }
    }
}
