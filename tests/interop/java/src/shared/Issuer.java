package shared;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Collectors;

/** What every Java client does that its library has no part in: it asks, checks what libraries leave to their user, and tells. */
public final class Issuer {
    public final String url;
    public final String environment;
    public final String tenant;
    public final String audience;
    public final String scope;
    public final Map<String, Object> metadata;

    private final Map<String, Object> told;
    private final String library;
    private final String version;

    /** The library's part: a token that it accepts, or an exception. */
    public interface Verify {
        Token verify(String token) throws Exception;
    }

    /** The library's part: a token of this kind with these claims. */
    public interface Sign {
        String sign(String kind, Map<String, Object> claims) throws Exception;
    }

    /** Reads what the driver told, and the issuer's metadata. `artifact` is the group and name of the library. */
    public Issuer(String library, String artifact) throws Exception {
        this.library = library;
        this.version = versionOf(artifact);
        this.told = read(Path.of(System.getenv("CHANCERY_INTEROP")));
        this.url = text(told, "issuer");
        this.environment = text(told, "environment");
        this.tenant = text(told, "tenant");
        Map<String, Object> product = JSONObjectUtils.getJSONObject(told, "jwt");
        this.audience = text(product, "audience");
        this.scope = text(product, "scope");
        this.metadata = fetch(HttpRequest.newBuilder(URI.create(url + "/.well-known/oauth-authorization-server")));
    }

    /** Holds the library against a live token and all forged ones; `refusals` are the exceptions that it refuses with. */
    public void judge(Verify verify, List<Class<? extends Exception>> refusals) throws Exception {
        Map<String, Object> forgeries = JSONObjectUtils.getJSONObject(read(Path.of(text(told, "forgeries"))), "jwt");
        accept("verifies a live token", verify, List.of(liveToken(), text(forgeries, "good")));
        accept("verifies a token signed by the forger with the issuer's key", verify, List.of(text(forgeries, "resigned")));
        for (Map<String, Object> forged : JSONObjectUtils.getJSONObjectArray(forgeries, "forged")) {
            String name = "refuses: " + text(forged, "case");
            try {
                verify.verify(text(forged, "token")).check(this);
                say(name, false, "accepted");
            } catch (Refused check) {
                say(name, true, check.getMessage());
            } catch (Exception refusal) {
                boolean own = refusals.stream().anyMatch(kind -> kind.isInstance(refusal));
                say(name, true, own ? null : "by breaking: " + refusal.getClass().getSimpleName());
            }
        }
    }

    private void accept(String name, Verify verify, List<String> tokens) {
        try {
            for (String token : tokens) {
                verify.verify(token).check(this);
            }
            say(name, true, null);
        } catch (Exception refusal) {
            say(name, false, refusal.toString());
        }
    }

    /** Leaves tokens that the library signed for our verifier: by `key`, and by another under the same id. */
    public void leave(Map<String, Object> key, Sign sign, Sign another) throws Exception {
        String kind = Token.KIND;
        long ago = System.currentTimeMillis() / 1000 - 700;
        Map<String, String> forged = new LinkedHashMap<>();
        forged.put("another key under the same id", another.sign(kind, claims(Map.of())));
        forged.put("another kind", sign.sign("JWT", claims(Map.of())));
        forged.put("expired", sign.sign(kind, claims(Map.of("iat", ago, "exp", ago + 600))));
        forged.put("another audience", sign.sign(kind, claims(Map.of("aud", "https://other.example"))));
        forged.put("another issuer", sign.sign(kind, claims(Map.of("iss", "https://other.example"))));
        forged.put("another environment", sign.sign(kind, claims(Map.of("env", "live"))));
        Map<String, Object> endless = claims(Map.of());
        endless.remove("exp");
        forged.put("no expiry", sign.sign(kind, endless));
        List<Map<String, String>> listed = forged.entrySet().stream()
                .map(entry -> Map.of("case", entry.getKey(), "token", entry.getValue()))
                .toList();
        Map<String, Object> left = new LinkedHashMap<>(Map.of("library", library, "version", version, "format", "jwt"));
        left.put("key", key);
        left.put("token", sign.sign(kind, claims(Map.of())));
        left.put("forged", listed);
        Path file = Path.of(text(told, "theirs"), library.toLowerCase() + ".json");
        Files.writeString(file, JSONObjectUtils.toJSONString(left));
    }

    /** Tells the driver how one case went. */
    public void say(String name, boolean ok, String note) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("library", library);
        line.put("version", version);
        line.put("case", name);
        line.put("outcome", ok ? "ok" : "failed");
        if (note != null) {
            line.put("note", note);
        }
        System.out.println(JSONObjectUtils.toJSONString(line));
    }

    /** Claims as the issuer writes them, with others in their place. */
    private Map<String, Object> claims(Map<String, Object> others) {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        long now = System.currentTimeMillis() / 1000;
        Map<String, Object> claims = new LinkedHashMap<>();
        claims.put("iss", url);
        claims.put("aud", audience);
        claims.put("sub", "theirs");
        claims.put("client_id", "theirs");
        claims.put("iat", now);
        claims.put("exp", now + 600);
        claims.put("jti", Base64.getUrlEncoder().withoutPadding().encodeToString(random));
        claims.put("scope", scope);
        claims.put("tenant", tenant);
        claims.put("env", environment);
        claims.put("rvs", 0);
        claims.putAll(others);
        return claims;
    }

    /** A live token, asked for without any library. */
    public String liveToken() throws Exception {
        Map<String, String> form = Map.of(
                "grant_type", "client_credentials",
                "client_id", text(told, "client_id"),
                "client_secret", Files.readString(Path.of(text(told, "client_secret_file"))).strip(),
                "scope", scope,
                "resource", audience);
        String body = form.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(text(metadata, "token_endpoint")))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body));
        return text(fetch(request), "access_token");
    }

    private static Map<String, Object> fetch(HttpRequest.Builder request) throws Exception {
        HttpRequest asked = request.timeout(Duration.ofSeconds(10)).build();
        HttpResponse<String> answer = HttpClient.newHttpClient().send(asked, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new IOException(asked.uri() + " answered " + answer.statusCode());
        }
        return JSONObjectUtils.parse(answer.body());
    }

    private static Map<String, Object> read(Path file) throws IOException, ParseException {
        return JSONObjectUtils.parse(Files.readString(file));
    }

    private static String text(Map<String, Object> object, String member) throws ParseException {
        return JSONObjectUtils.getString(object, member);
    }

    private static String versionOf(String artifact) throws IOException {
        try (var file = Issuer.class.getResourceAsStream("/META-INF/maven/" + artifact + "/pom.properties")) {
            Properties properties = new Properties();
            properties.load(file);
            return properties.getProperty("version");
        }
    }
}
