import com.sun.net.httpserver.HttpServer;
import io.smallrye.jwt.algorithm.SignatureAlgorithm;
import io.smallrye.jwt.auth.principal.DefaultJWTParser;
import io.smallrye.jwt.auth.principal.JWTAuthContextInfo;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.function.Predicate;
import org.eclipse.microprofile.jwt.JsonWebToken;

/** SmallRye JWT, which Quarkus, WildFly and Open Liberty's kin use, without a framework around it. */
public class App {
    static final String ISSUER = System.getenv("MATRIX_ISSUER");
    static final String AUDIENCE = System.getenv("MATRIX_AUDIENCE");
    static HttpServer server;

    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(System.getenv("MATRIX_PORT"));
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", port), 0);
        server.setExecutor(Executors.newCachedThreadPool());

        guard("/default", info(), token -> true);
        var told = info();
        told.setSignatureAlgorithm(Set.of(SignatureAlgorithm.EDDSA));
        told.setExpectedAudience(Set.of(AUDIENCE));
        told.setClockSkew(0);
        told.setRequiredClaims(Set.of("sub", "client_id", "jti"));
        guard("/told", told, token -> true);
        guard("/complete", told, App::ours);
        server.start();
    }

    /** mp.jwt.verify.publickey.location and mp.jwt.verify.issuer */
    static JWTAuthContextInfo info() {
        return new JWTAuthContextInfo(System.getenv("MATRIX_JWKS"), ISSUER);
    }

    static boolean ours(JsonWebToken token) {
        var header = new String(Base64.getUrlDecoder().decode(token.getRawToken().split("\\.")[0]), StandardCharsets.UTF_8);
        return header.replace(" ", "").contains("\"typ\":\"at+jwt\"")
            && "test".equals(text(token, "env")) && "acme".equals(text(token, "tenant"))
            && List.of(text(token, "scope").split(" ")).contains("invoices:read");
    }

    static String text(JsonWebToken token, String name) {
        return token.getClaim(name) instanceof String value ? value : "";
    }

    static void guard(String path, JWTAuthContextInfo info, Predicate<JsonWebToken> ours) {
        var parser = new DefaultJWTParser(info);
        server.createContext(path, exchange -> {
            int status;
            String said = "reached";
            try {
                var bearer = exchange.getRequestHeaders().getFirst("Authorization");
                var token = parser.parse(bearer == null ? "" : bearer.replaceFirst("^Bearer ", ""));
                status = ours.test(token) ? 200 : 403;
            } catch (Exception fault) {
                status = 401;
                said = String.valueOf(fault.getMessage()) + " " + fault.getCause();
            }
            byte[] body = said.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            try (var out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
    }
}
